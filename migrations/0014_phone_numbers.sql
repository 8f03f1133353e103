CREATE TABLE "phone_numbers" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"phone_number" text NOT NULL,
	"assistant_id" uuid NOT NULL,
	"trunk_id" uuid,
	"answered_by" text DEFAULT 'agent' NOT NULL,
	"livekit_inbound_trunk_id" text NOT NULL,
	"livekit_dispatch_rule_id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "phone_numbers_e164" CHECK ("phone_numbers"."phone_number" ~ '^\+[1-9][0-9]{1,14}$'),
	CONSTRAINT "phone_numbers_answered_by" CHECK ("phone_numbers"."answered_by" in ('agent', 'person'))
);
--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "number_format" text DEFAULT 'e164' NOT NULL;--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "livekit" jsonb;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_assistant_id_assistants_id_fk" FOREIGN KEY ("assistant_id") REFERENCES "public"."assistants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "phone_numbers" ADD CONSTRAINT "phone_numbers_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "phone_numbers_workspace" ON "phone_numbers" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "phone_numbers_number" ON "phone_numbers" USING btree ("phone_number") WHERE "phone_numbers"."archived_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "phone_numbers_livekit" ON "phone_numbers" USING btree ("livekit_inbound_trunk_id") WHERE "phone_numbers"."archived_at" is null;--> statement-breakpoint
CREATE INDEX "calls_open_apart" ON "calls" USING btree ("workspace_id") WHERE status in ('pending', 'calling', 'answered') and origin <> 'campaign';--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_number_format" CHECK ("trunks"."number_format" in ('e164', 'digits'));--> statement-breakpoint
ALTER TABLE phone_numbers ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON phone_numbers TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON phone_numbers TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON phone_numbers TO outdial_api;
--> statement-breakpoint
GRANT SELECT ON phone_numbers TO outdial_engine;

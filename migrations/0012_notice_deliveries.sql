CREATE TYPE "public"."delivery_status" AS ENUM('pending', 'delivered', 'failed');--> statement-breakpoint
ALTER TYPE "public"."notice_status" ADD VALUE 'sending';--> statement-breakpoint
CREATE TABLE "notice_deliveries" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"notice_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"status" "delivery_status" DEFAULT 'pending' NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"failures" smallint DEFAULT 0 NOT NULL,
	"next_try_at" timestamp (3) with time zone NOT NULL,
	"claimed_until" timestamp (3) with time zone,
	"last_status" smallint,
	"last_error" text,
	"delivered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"log" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "notice_deliveries_delivered" CHECK (("notice_deliveries"."status" = 'delivered') = ("notice_deliveries"."delivered_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "notice_endpoints" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"assistant_id" uuid,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"events" text[],
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp (3) with time zone,
	"held_until" timestamp (3) with time zone,
	"switched_off_at" timestamp (3) with time zone,
	"switched_off_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "notice_endpoints_failing" CHECK (("notice_endpoints"."failures" = 0) = ("notice_endpoints"."failing_since" is null)),
	CONSTRAINT "notice_endpoints_off" CHECK (("notice_endpoints"."switched_off_at" is null) = ("notice_endpoints"."switched_off_reason" is null)),
	CONSTRAINT "notice_endpoints_secrets" CHECK (("notice_endpoints"."previous_secret" is null) = ("notice_endpoints"."previous_secret_until" is null))
);
--> statement-breakpoint
ALTER TABLE "notice_deliveries" ADD CONSTRAINT "notice_deliveries_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_deliveries" ADD CONSTRAINT "notice_deliveries_notice_id_notices_id_fk" FOREIGN KEY ("notice_id") REFERENCES "public"."notices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_deliveries" ADD CONSTRAINT "notice_deliveries_endpoint_id_notice_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."notice_endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_endpoints" ADD CONSTRAINT "notice_endpoints_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_endpoints" ADD CONSTRAINT "notice_endpoints_assistant_id_assistants_id_fk" FOREIGN KEY ("assistant_id") REFERENCES "public"."assistants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "notice_deliveries_once" ON "notice_deliveries" USING btree ("notice_id","endpoint_id");--> statement-breakpoint
CREATE INDEX "notice_deliveries_due" ON "notice_deliveries" USING btree ("endpoint_id","next_try_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "notice_deliveries_failed" ON "notice_deliveries" USING btree ("endpoint_id","id") WHERE status = 'failed';--> statement-breakpoint
CREATE INDEX "notice_endpoints_workspace" ON "notice_endpoints" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "notice_endpoints_assistant" ON "notice_endpoints" USING btree ("assistant_id") WHERE "notice_endpoints"."assistant_id" is not null;--> statement-breakpoint
CREATE INDEX "notices_history" ON "notices" USING btree ("workspace_id","id") WHERE status <> 'waiting';
--> statement-breakpoint
ALTER TABLE notice_endpoints ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON notice_endpoints TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON notice_endpoints TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON notice_endpoints TO outdial_api, outdial_engine;
--> statement-breakpoint
ALTER TABLE notice_deliveries ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON notice_deliveries TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON notice_deliveries TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON notice_deliveries TO outdial_api, outdial_engine;
--> statement-breakpoint
GRANT DELETE ON notice_deliveries TO outdial_engine;
--> statement-breakpoint
-- Assistants that have an end-call URL already. 122 random bits twice are plenty for a secret.
INSERT INTO notice_endpoints (workspace_id, assistant_id, url, events, secret)
SELECT workspace_id, id, assistant_end_call_url, '{call.ended}',
  'whsec_' || encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), 'base64')
FROM assistants WHERE assistant_end_call_url IS NOT NULL AND archived_at IS NULL;

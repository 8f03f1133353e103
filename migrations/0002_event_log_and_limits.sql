CREATE TABLE "event_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "event_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"kind" text NOT NULL,
	"campaign_id" uuid,
	"contact_id" uuid,
	"call_id" uuid,
	"trunk_id" uuid,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "ramp_from_ms" double precision;--> statement-breakpoint
ALTER TABLE "trunks" ADD COLUMN "ramp_up_seconds" integer DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "dialed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "campaign_runtime" ADD COLUMN "trunk_failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "attempt_limit_calls" integer DEFAULT 3;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "attempt_limit_hours" integer DEFAULT 24 NOT NULL;--> statement-breakpoint
CREATE INDEX "event_log_contact" ON "event_log" USING btree ("contact_id","id") WHERE "event_log"."contact_id" is not null;--> statement-breakpoint
CREATE INDEX "event_log_campaign" ON "event_log" USING btree ("campaign_id","id") WHERE "event_log"."contact_id" is null and "event_log"."campaign_id" is not null;--> statement-breakpoint
CREATE INDEX "event_log_single_call" ON "event_log" USING btree ("call_id","id") WHERE "event_log"."contact_id" is null and "event_log"."call_id" is not null;--> statement-breakpoint
CREATE INDEX "calls_number" ON "calls" USING btree ("workspace_id","phone_number","permitted_at") WHERE permitted_at is not null and burned;--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_ramp_up" CHECK ("trunks"."ramp_up_seconds" between 0 and 3600);--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_dialed" CHECK ("calls"."dialed_at" is null or "calls"."permitted_at" is not null);--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_attempt_limit" CHECK ("workspaces"."attempt_limit_calls" between 1 and 100 and "workspaces"."attempt_limit_hours" between 1 and 720);
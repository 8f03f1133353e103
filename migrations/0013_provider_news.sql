CREATE TABLE "parked_signals" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"source" "signal_source" NOT NULL,
	"event_id" text NOT NULL,
	"event" text NOT NULL,
	"provider_call_ids" text[] NOT NULL,
	"content" jsonb NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "parked_signals_named" CHECK (cardinality("parked_signals"."provider_call_ids") > 0)
);
--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "provider_news" jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "parked_signals_event" ON "parked_signals" USING btree ("source","event_id");--> statement-breakpoint
CREATE INDEX "parked_signals_due" ON "parked_signals" USING btree ("due_at");--> statement-breakpoint
ALTER TABLE parked_signals ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY all_workspaces ON parked_signals TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_signals TO outdial_engine;

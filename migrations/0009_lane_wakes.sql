CREATE TABLE "lane_wakes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "lane_wakes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" uuid NOT NULL,
	"trunk_id" uuid NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "lane_wakes_trunk" ON "lane_wakes" USING btree ("trunk_id");
--> statement-breakpoint
ALTER TABLE lane_wakes ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON lane_wakes TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON lane_wakes TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT INSERT ON lane_wakes TO outdial_api;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON lane_wakes TO outdial_engine;

ALTER TABLE event_log ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON event_log TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON event_log TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
-- Append-only: nobody but the owner can change or remove what was decided.
GRANT SELECT, INSERT ON event_log TO outdial_api, outdial_engine;
--> statement-breakpoint
-- People set the limits of their own workspace; its id and age are not theirs to change.
GRANT UPDATE (name, attempt_limit_calls, attempt_limit_hours) ON workspaces TO outdial_api;
--> statement-breakpoint
-- Calls from before there was a mark: whoever had a permit may have been dialed.
UPDATE calls SET dialed_at = permitted_at WHERE permitted_at IS NOT NULL;

-- Two roles that own nothing. Processes log in as they like and act as one of these:
--   outdial_api     serves people: sees one workspace at a time, the one in outdial.workspace_id
--   outdial_engine  schedulers, workers, webhooks: sees all workspaces
-- Roles belong to the whole server, so another database may have made them already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'outdial_api') THEN CREATE ROLE outdial_api NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'outdial_engine') THEN CREATE ROLE outdial_engine NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
--> statement-breakpoint
DO $$ BEGIN EXECUTE format('GRANT outdial_api, outdial_engine TO %I', current_user); END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO outdial_api, outdial_engine;
--> statement-breakpoint
CREATE FUNCTION outdial_workspace_id() RETURNS uuid LANGUAGE sql STABLE
RETURN nullif(current_setting('outdial.workspace_id', true), '')::uuid;
--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'workspace_id'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY one_workspace ON %I TO outdial_api
      USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id())', name);
    EXECUTE format('CREATE POLICY all_workspaces ON %I TO outdial_engine USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO outdial_api, outdial_engine', name);
  END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON workspaces TO outdial_api USING (id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON workspaces TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
GRANT SELECT ON workspaces TO outdial_api;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON workspaces TO outdial_engine;
--> statement-breakpoint
-- The log is written once and never changed.
REVOKE UPDATE, DELETE ON audit_log FROM outdial_api, outdial_engine;
--> statement-breakpoint
-- A key is looked up before the workspace is known; only the exact hash opens this door.
CREATE FUNCTION find_api_key(hash text)
RETURNS TABLE (id uuid, workspace_id uuid, prefix text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id, workspace_id, prefix FROM api_keys WHERE sha256 = hash AND revoked_at IS NULL $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION find_api_key(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION find_api_key(text) TO outdial_api, outdial_engine;
--> statement-breakpoint
-- Integrators query the calls of campaigns by this name. security_invoker: the reader's own policies hold.
CREATE VIEW campaign_calls WITH (security_invoker = true) AS
SELECT id, workspace_id, campaign_id, contact_id, assistant_id, trunk_id, phone_number, from_number, contact_name,
  room_name, attempt, status, disposition, outcome, created_at, permitted_at, ringing_at, answered_at, ended_at,
  sip_call_id, sip_status_code, end_reason, callback_at, summary, answers, transcript, metadata
FROM calls WHERE campaign_id IS NOT NULL;
--> statement-breakpoint
GRANT SELECT ON campaign_calls TO outdial_api, outdial_engine;

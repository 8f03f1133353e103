CREATE TYPE "public"."recording_source" AS ENUM('livekit', 'twilio', 'exotel');
--> statement-breakpoint
CREATE TYPE "public"."recording_status" AS ENUM('wanted', 'starting', 'recording', 'failed', 'complete', 'deleted');
--> statement-breakpoint
CREATE TABLE "recordings" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"source" "recording_source" NOT NULL,
	"external_id" text,
	"status" "recording_status" NOT NULL,
	"bucket" text,
	"file_key" text,
	"location" text,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"duration_ms" integer,
	"size_bytes" bigint,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"tries" smallint DEFAULT 0 NOT NULL,
	"try_at" timestamp (3) with time zone,
	"delete_requested_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "recordings_deleted" CHECK (("recordings"."status" = 'deleted') = ("recordings"."deleted_at" is not null)),
	CONSTRAINT "recordings_delete_requested" CHECK ("recordings"."deleted_at" is null or "recordings"."delete_requested_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "live_transcript" jsonb;
--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "transcript_deleted_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "recording" boolean;
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "recording_retention_days" integer;
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "transcript_retention_days" integer;
--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_call_id_calls_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."calls"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "recordings_external" ON "recordings" USING btree ("source","external_id");
--> statement-breakpoint
CREATE INDEX "recordings_call" ON "recordings" USING btree ("call_id");
--> statement-breakpoint
CREATE INDEX "recordings_workspace" ON "recordings" USING btree ("workspace_id","id");
--> statement-breakpoint
CREATE INDEX "recordings_to_do" ON "recordings" USING btree ("try_at") WHERE try_at is not null;
--> statement-breakpoint
CREATE INDEX "recordings_age" ON "recordings" USING btree ("workspace_id","ended_at") WHERE ended_at is not null and delete_requested_at is null;
--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_retention" CHECK ("workspaces"."recording_retention_days" between 1 and 3650 and "workspaces"."transcript_retention_days" between 1 and 3650);
--> statement-breakpoint
ALTER TABLE recordings ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_workspace ON recordings TO outdial_api
  USING (workspace_id = outdial_workspace_id()) WITH CHECK (workspace_id = outdial_workspace_id());
--> statement-breakpoint
CREATE POLICY all_workspaces ON recordings TO outdial_engine USING (true) WITH CHECK (true);
--> statement-breakpoint
-- That a call was recorded stays known when the file is gone.
GRANT SELECT, INSERT, UPDATE ON recordings TO outdial_api, outdial_engine;
--> statement-breakpoint
GRANT UPDATE (recording_retention_days, transcript_retention_days) ON workspaces TO outdial_api;
--> statement-breakpoint
-- What people are shown of a call's words: the same rule as shownTranscript of packages/policy.
CREATE FUNCTION shown_transcript(reported jsonb, live jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_array_length(live) > coalesce(jsonb_array_length(reported), 0) THEN live ELSE reported END;
--> statement-breakpoint
CREATE OR REPLACE VIEW campaign_calls WITH (security_invoker = true) AS
SELECT id, workspace_id, campaign_id, contact_id, assistant_id, trunk_id, phone_number, from_number, contact_name,
  room_name, attempt, status, disposition, outcome, created_at, permitted_at, ringing_at, answered_at, ended_at,
  sip_call_id, sip_status_code, end_reason, callback_at, summary, answers,
  shown_transcript(transcript, live_transcript) AS transcript, metadata
FROM calls WHERE campaign_id IS NOT NULL;
--> statement-breakpoint
-- The words of calls, to be found again. Apart from `calls`, whose rows change often; kept by the trigger below alone.
CREATE TABLE transcript_texts (
  call_id uuid PRIMARY KEY REFERENCES calls (id),
  workspace_id uuid NOT NULL,
  words tsvector NOT NULL
);
--> statement-breakpoint
CREATE INDEX transcript_texts_words ON transcript_texts USING gin (words);
--> statement-breakpoint
ALTER TABLE transcript_texts ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
-- 'simple' takes words as they are: people talk in many languages. The cut keeps the vector below what it may hold.
CREATE FUNCTION keep_transcript_text() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  said text := (SELECT string_agg(line ->> 'text', E'\n')
    FROM jsonb_array_elements(shown_transcript(NEW.transcript, NEW.live_transcript)) line);
BEGIN
  IF said IS NULL THEN
    DELETE FROM transcript_texts WHERE call_id = NEW.id;
  ELSE
    INSERT INTO transcript_texts (call_id, workspace_id, words)
    VALUES (NEW.id, NEW.workspace_id, to_tsvector('simple', left(said, 100000)))
    ON CONFLICT (call_id) DO UPDATE SET words = excluded.words;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION keep_transcript_text() FROM PUBLIC;
--> statement-breakpoint
-- Live lines are taken once the call is over: every one of them would else index the whole call anew.
CREATE TRIGGER keep_transcript_text AFTER UPDATE ON calls FOR EACH ROW
WHEN (NEW.transcript IS DISTINCT FROM OLD.transcript
  OR (NEW.ended_at IS NOT NULL
    AND (NEW.live_transcript IS DISTINCT FROM OLD.live_transcript
      OR (OLD.ended_at IS NULL AND NEW.live_transcript IS NOT NULL))))
EXECUTE FUNCTION keep_transcript_text();
--> statement-breakpoint
INSERT INTO transcript_texts (call_id, workspace_id, words)
SELECT id, workspace_id, to_tsvector('simple', left(said, 100000))
FROM calls, LATERAL (SELECT string_agg(line ->> 'text', E'\n') AS said FROM jsonb_array_elements(transcript) line) lines
WHERE transcript IS NOT NULL AND said IS NOT NULL;
--> statement-breakpoint
-- Row level security would keep the index out of use, so this door looks for the workspace itself.
CREATE FUNCTION find_transcripts(query text) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT call_id FROM transcript_texts
  WHERE words @@ websearch_to_tsquery('simple', query) AND workspace_id = outdial_workspace_id() $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION find_transcripts(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION find_transcripts(text) TO outdial_api, outdial_engine;
--> statement-breakpoint
-- The event log is append-only. This is the one way in which old entries go: the oldest first, none younger than 30 days.
CREATE FUNCTION forget_events(older_than timestamptz, at_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  forgotten integer;
BEGIN
  IF older_than > clock_timestamp() - interval '30 days' THEN
    RAISE EXCEPTION 'Entries of the event log are kept for at least 30 days.';
  END IF;
  DELETE FROM event_log WHERE id IN (
    SELECT id FROM (SELECT id, recorded_at FROM event_log ORDER BY id LIMIT least(at_most, 10000)) oldest
    WHERE recorded_at < older_than);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION forget_events(timestamptz, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION forget_events(timestamptz, integer) TO outdial_engine;

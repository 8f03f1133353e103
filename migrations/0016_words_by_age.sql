-- Words are erased by the age of their calls, oldest first, workspace by workspace.
ALTER TABLE transcript_texts ADD COLUMN called_at timestamp (3) with time zone;
--> statement-breakpoint
UPDATE transcript_texts SET called_at = calls.created_at FROM calls WHERE calls.id = call_id;
--> statement-breakpoint
ALTER TABLE transcript_texts ALTER COLUMN called_at SET NOT NULL;
--> statement-breakpoint
CREATE INDEX transcript_texts_age ON transcript_texts (workspace_id, called_at);
--> statement-breakpoint
CREATE OR REPLACE FUNCTION keep_transcript_text() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  said text := (SELECT string_agg(line ->> 'text', E'\n')
    FROM jsonb_array_elements(shown_transcript(NEW.transcript, NEW.live_transcript)) line);
BEGIN
  IF said IS NULL THEN
    DELETE FROM transcript_texts WHERE call_id = NEW.id;
  ELSE
    INSERT INTO transcript_texts (call_id, workspace_id, called_at, words)
    VALUES (NEW.id, NEW.workspace_id, NEW.created_at, to_tsvector('simple', left(said, 100000)))
    ON CONFLICT (call_id) DO UPDATE SET words = excluded.words;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE POLICY all_workspaces ON transcript_texts FOR SELECT TO outdial_engine USING (true);
--> statement-breakpoint
GRANT SELECT ON transcript_texts TO outdial_engine;

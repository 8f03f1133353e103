CREATE TYPE "public"."provider" AS ENUM('twilio', 'exotel', 'other');--> statement-breakpoint
CREATE TYPE "public"."call_origin" AS ENUM('campaign', 'single', 'inbound');--> statement-breakpoint
CREATE TYPE "public"."call_status" AS ENUM('pending', 'calling', 'answered', 'completed', 'failed');--> statement-breakpoint
CREATE TYPE "public"."disposition" AS ENUM('completed', 'busy', 'no_answer', 'rejected', 'invalid_number', 'trunk_error', 'agent_error', 'canceled', 'unknown');--> statement-breakpoint
CREATE TYPE "public"."notice_status" AS ENUM('waiting', 'delivered', 'failed');--> statement-breakpoint
CREATE TYPE "public"."outcome" AS ENUM('interested', 'not_interested', 'callback', 'do_not_call', 'voicemail', 'wrong_number');--> statement-breakpoint
CREATE TYPE "public"."signal_source" AS ENUM('livekit', 'twilio', 'exotel', 'agent', 'dialer', 'sweep', 'person');--> statement-breakpoint
CREATE TYPE "public"."contact_source" AS ENUM('contact_list', 'csv_file');--> statement-breakpoint
CREATE TYPE "public"."contact_state" AS ENUM('waiting', 'claimed', 'finished');--> statement-breakpoint
CREATE TYPE "public"."execution_status" AS ENUM('idle', 'running', 'paused', 'completed', 'error');--> statement-breakpoint
CREATE TYPE "public"."finish_reason" AS ENUM('completed', 'exhausted', 'not_retried', 'suppressed', 'canceled', 'campaign_ended');--> statement-breakpoint
CREATE TYPE "public"."local_time" AS ENUM('contact', 'campaign');--> statement-breakpoint
CREATE TYPE "public"."voicemail_action" AS ENUM('hangup', 'leave_message', 'continue');--> statement-breakpoint
CREATE TYPE "public"."csv_file_status" AS ENUM('importing', 'imported', 'failed');--> statement-breakpoint
CREATE TABLE "assistants" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"agent_name" text NOT NULL,
	"prompt" text DEFAULT '' NOT NULL,
	"greeting" text DEFAULT '' NOT NULL,
	"questions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"stt" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"llm" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"tts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"assistant_end_call_url" text,
	"trunk_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "lane_paces" (
	"trunk_id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"next_start_ms" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"trunk_id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"next_start_ms" double precision DEFAULT 0 NOT NULL,
	"pass" double precision DEFAULT 0 NOT NULL,
	"slowed_until" timestamp (3) with time zone,
	"slowed_reason" text,
	"slowed_steps" integer DEFAULT 0 NOT NULL,
	"next_wake_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "trunks" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"provider" "provider" DEFAULT 'other' NOT NULL,
	"livekit_trunk_id" text NOT NULL,
	"numbers" text[] DEFAULT '{}' NOT NULL,
	"calls_per_second" double precision DEFAULT 1 NOT NULL,
	"max_concurrency" integer DEFAULT 10 NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "trunks_calls_per_second" CHECK ("trunks"."calls_per_second" > 0 and "trunks"."calls_per_second" <= 1000),
	CONSTRAINT "trunks_max_concurrency" CHECK ("trunks"."max_concurrency" between 1 and 100000)
);
--> statement-breakpoint
CREATE TABLE "calls" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"origin" "call_origin" NOT NULL,
	"campaign_id" uuid,
	"contact_id" uuid,
	"assistant_id" uuid,
	"trunk_id" uuid,
	"phone_number" text NOT NULL,
	"from_number" text,
	"contact_name" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"room_name" text NOT NULL,
	"attempt" smallint DEFAULT 1 NOT NULL,
	"status" "call_status" DEFAULT 'pending' NOT NULL,
	"disposition" "disposition",
	"outcome" "outcome",
	"outcome_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"starts_at" timestamp (3) with time zone,
	"dial_day" date,
	"permitted_at" timestamp (3) with time zone,
	"ringing_at" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	"agent_joined_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"hangup_requested_at" timestamp (3) with time zone,
	"sip_call_id" text,
	"provider_call_id" text,
	"sip_status_code" smallint,
	"end_reason" text,
	"leg_ended_at" timestamp (3) with time zone,
	"leg_end" text,
	"burned" boolean DEFAULT true NOT NULL,
	"check_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"reported_at" timestamp (3) with time zone,
	"callback_at" timestamp (3) with time zone,
	"summary" text,
	"answers" jsonb,
	"transcript" jsonb,
	CONSTRAINT "calls_campaign_contact" CHECK (("calls"."origin" = 'campaign') = ("calls"."contact_id" is not null) and ("calls"."origin" <> 'campaign' or "calls"."campaign_id" is not null)),
	CONSTRAINT "calls_pending" CHECK ("calls"."status" <> 'pending' or ("calls"."permitted_at" is null and "calls"."answered_at" is null)),
	CONSTRAINT "calls_calling" CHECK ("calls"."status" not in ('calling', 'answered', 'completed') or "calls"."permitted_at" is not null),
	CONSTRAINT "calls_answered" CHECK ("calls"."status" not in ('answered', 'completed') or "calls"."answered_at" is not null),
	CONSTRAINT "calls_ended" CHECK (("calls"."status" in ('completed', 'failed')) = ("calls"."ended_at" is not null)),
	CONSTRAINT "calls_disposition" CHECK (("calls"."status" in ('completed', 'failed')) = ("calls"."disposition" is not null)),
	CONSTRAINT "calls_completed" CHECK (("calls"."status" = 'completed') = (coalesce("calls"."disposition", 'unknown') = 'completed')),
	CONSTRAINT "calls_times" CHECK ("calls"."ended_at" >= "calls"."answered_at"),
	CONSTRAINT "calls_settled" CHECK ("calls"."settled_at" is null or "calls"."ended_at" is not null),
	CONSTRAINT "calls_checked" CHECK (("calls"."check_at" is not null) = ("calls"."status" <> 'pending' and "calls"."settled_at" is null))
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"event" text NOT NULL,
	"campaign_id" uuid,
	"call_id" uuid,
	"data" jsonb NOT NULL,
	"status" "notice_status" DEFAULT 'waiting' NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"last_error" text,
	CONSTRAINT "notices_delivered" CHECK (("notices"."status" = 'delivered') = ("notices"."delivered_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "signals" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"source" "signal_source" NOT NULL,
	"event_id" text NOT NULL,
	"event" text NOT NULL,
	"workspace_id" uuid,
	"call_id" uuid,
	"room_name" text,
	"content" jsonb NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"applied_at" timestamp (3) with time zone,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "campaign_contacts" (
	"campaign_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"workspace_id" uuid NOT NULL,
	"zone_key" text NOT NULL,
	"state" "contact_state" DEFAULT 'waiting' NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"call_id" uuid,
	"finish_reason" "finish_reason",
	CONSTRAINT "campaign_contacts_campaign_id_contact_id_pk" PRIMARY KEY("campaign_id","contact_id"),
	CONSTRAINT "campaign_contacts_claim" CHECK (("campaign_contacts"."state" = 'claimed') = ("campaign_contacts"."call_id" is not null)),
	CONSTRAINT "campaign_contacts_finish" CHECK (("campaign_contacts"."state" = 'finished') = ("campaign_contacts"."finish_reason" is not null))
);
--> statement-breakpoint
CREATE TABLE "campaign_runtime" (
	"campaign_id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"trunk_id" uuid NOT NULL,
	"contacts_total" integer DEFAULT 0 NOT NULL,
	"contacts_waiting" integer DEFAULT 0 NOT NULL,
	"contacts_claimed" integer DEFAULT 0 NOT NULL,
	"contacts_finished" integer DEFAULT 0 NOT NULL,
	"fill_cursor" uuid,
	"filled_at" timestamp (3) with time zone,
	"next_start_ms" double precision DEFAULT 0 NOT NULL,
	"pass" double precision DEFAULT 0 NOT NULL,
	"agent_failures" integer DEFAULT 0 NOT NULL,
	"blocked_reason" text,
	"blocked_until" timestamp (3) with time zone,
	CONSTRAINT "campaign_runtime_adds_up" CHECK ("campaign_runtime"."contacts_total" = "campaign_runtime"."contacts_waiting" + "campaign_runtime"."contacts_claimed" + "campaign_runtime"."contacts_finished"),
	CONSTRAINT "campaign_runtime_counts" CHECK ("campaign_runtime"."contacts_waiting" >= 0 and "campaign_runtime"."contacts_claimed" >= 0 and "campaign_runtime"."contacts_finished" >= 0)
);
--> statement-breakpoint
CREATE TABLE "campaign_zones" (
	"campaign_id" uuid NOT NULL,
	"workspace_id" uuid NOT NULL,
	"zone_key" text NOT NULL,
	CONSTRAINT "campaign_zones_campaign_id_zone_key_pk" PRIMARY KEY("campaign_id","zone_key")
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"assistant_id" uuid NOT NULL,
	"trunk_id" uuid,
	"contact_source" "contact_source" NOT NULL,
	"contact_list_id" uuid NOT NULL,
	"csv_file_id" uuid,
	"campaign_prompt" text DEFAULT '' NOT NULL,
	"placeholder_defaults" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"questions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"timezone" text NOT NULL,
	"local_time" "local_time" DEFAULT 'contact' NOT NULL,
	"calling_days" text[] NOT NULL,
	"start_hour" smallint NOT NULL,
	"end_hour" smallint NOT NULL,
	"windows" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"holiday_calendar" text[] DEFAULT '{}' NOT NULL,
	"start_at" timestamp (3) with time zone,
	"end_at" timestamp (3) with time zone,
	"daily_cap" integer,
	"call_delay_ms" integer DEFAULT 2000 NOT NULL,
	"calls_per_second" double precision,
	"max_concurrency" integer,
	"weight" integer DEFAULT 1 NOT NULL,
	"ring_timeout_seconds" integer DEFAULT 30 NOT NULL,
	"max_call_seconds" integer DEFAULT 1800 NOT NULL,
	"retry" jsonb NOT NULL,
	"max_attempts_per_contact" smallint DEFAULT 3 NOT NULL,
	"max_attempts_per_day" smallint DEFAULT 2 NOT NULL,
	"from_numbers" text[] DEFAULT '{}' NOT NULL,
	"sip_headers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"display_name" text,
	"voicemail" "voicemail_action" DEFAULT 'hangup' NOT NULL,
	"execution_status" "execution_status" DEFAULT 'idle' NOT NULL,
	"error_code" text,
	"error_reason" text,
	"started_at" timestamp (3) with time zone,
	"paused_at" timestamp (3) with time zone,
	"stopped_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "campaigns_hours" CHECK ("campaigns"."start_hour" between 0 and 24 and "campaigns"."end_hour" between 0 and 24),
	CONSTRAINT "campaigns_daily_cap" CHECK ("campaigns"."daily_cap" >= 1),
	CONSTRAINT "campaigns_call_delay" CHECK ("campaigns"."call_delay_ms" between 0 and 3600000),
	CONSTRAINT "campaigns_ring_timeout" CHECK ("campaigns"."ring_timeout_seconds" between 15 and 80),
	CONSTRAINT "campaigns_weight" CHECK ("campaigns"."weight" between 1 and 1000),
	CONSTRAINT "campaigns_limits" CHECK ("campaigns"."calls_per_second" > 0 and "campaigns"."max_concurrency" >= 1),
	CONSTRAINT "campaigns_csv_file" CHECK (("campaigns"."contact_source" = 'csv_file') = ("campaigns"."csv_file_id" is not null)),
	CONSTRAINT "campaigns_error" CHECK (("campaigns"."execution_status" = 'error') = ("campaigns"."error_reason" is not null)),
	CONSTRAINT "campaigns_running_since" CHECK ("campaigns"."execution_status" = 'idle' or "campaigns"."started_at" is not null),
	CONSTRAINT "campaigns_completed" CHECK (("campaigns"."execution_status" = 'completed') = ("campaigns"."completed_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "contact_lists" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"contact_list_id" uuid NOT NULL,
	"csv_file_id" uuid,
	"line_number" integer,
	"external_id" text,
	"phone_number" text NOT NULL,
	"country" text,
	"name" text,
	"zone_key" text DEFAULT '' NOT NULL,
	"zone_source" text DEFAULT 'unknown' NOT NULL,
	"variables" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contacts_e164" CHECK ("contacts"."phone_number" ~ '^\+[1-9][0-9]{1,14}$'),
	CONSTRAINT "contacts_zone_source" CHECK ("contacts"."zone_source" in ('contact', 'number', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "csv_files" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"contact_list_id" uuid NOT NULL,
	"file_name" text NOT NULL,
	"default_country" text,
	"mapping" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"columns" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"encoding" text,
	"delimiter" text,
	"status" "csv_file_status" DEFAULT 'importing' NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"rows" integer DEFAULT 0 NOT NULL,
	"accepted" integer DEFAULT 0 NOT NULL,
	"duplicates" integer DEFAULT 0 NOT NULL,
	"invalid" integer DEFAULT 0 NOT NULL,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"progressed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "csv_files_adds_up" CHECK ("csv_files"."rows" = "csv_files"."accepted" + "csv_files"."duplicates" + "csv_files"."invalid"),
	CONSTRAINT "csv_files_finished" CHECK (("csv_files"."status" = 'importing') = ("csv_files"."finished_at" is null))
);
--> statement-breakpoint
CREATE TABLE "csv_rejects" (
	"csv_file_id" uuid NOT NULL,
	"workspace_id" uuid NOT NULL,
	"line_number" integer NOT NULL,
	"code" text NOT NULL,
	"reason" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "csv_rejects_csv_file_id_line_number_pk" PRIMARY KEY("csv_file_id","line_number")
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"phone_number" text NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"source" text NOT NULL,
	"call_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "suppressions_e164" CHECK ("suppressions"."phone_number" ~ '^\+[1-9][0-9]{1,14}$')
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"workspace_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"entity" text NOT NULL,
	"entity_id" uuid,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"workspace_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_sha256" text NOT NULL,
	"response_status" integer,
	"response_body" jsonb,
	"new_id" uuid DEFAULT uuidv7() NOT NULL,
	"taken_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_workspace_id_key_pk" PRIMARY KEY("workspace_id","key"),
	CONSTRAINT "idempotency_keys_length" CHECK (length("idempotency_keys"."key") between 1 and 255)
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "assistants" ADD CONSTRAINT "assistants_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assistants" ADD CONSTRAINT "assistants_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lane_paces" ADD CONSTRAINT "lane_paces_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lane_paces" ADD CONSTRAINT "lane_paces_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lanes" ADD CONSTRAINT "lanes_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lanes" ADD CONSTRAINT "lanes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trunks" ADD CONSTRAINT "trunks_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_assistant_id_assistants_id_fk" FOREIGN KEY ("assistant_id") REFERENCES "public"."assistants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_campaign_id_contact_id_campaign_contacts_campaign_id_contact_id_fk" FOREIGN KEY ("campaign_id","contact_id") REFERENCES "public"."campaign_contacts"("campaign_id","contact_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices_call_id_calls_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."calls"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_call_id_calls_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."calls"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_contacts" ADD CONSTRAINT "campaign_contacts_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_contacts" ADD CONSTRAINT "campaign_contacts_contact_id_contacts_id_fk" FOREIGN KEY ("contact_id") REFERENCES "public"."contacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_contacts" ADD CONSTRAINT "campaign_contacts_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_runtime" ADD CONSTRAINT "campaign_runtime_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_runtime" ADD CONSTRAINT "campaign_runtime_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_runtime" ADD CONSTRAINT "campaign_runtime_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_zones" ADD CONSTRAINT "campaign_zones_campaign_id_campaigns_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaigns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaign_zones" ADD CONSTRAINT "campaign_zones_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_assistant_id_assistants_id_fk" FOREIGN KEY ("assistant_id") REFERENCES "public"."assistants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_trunk_id_trunks_id_fk" FOREIGN KEY ("trunk_id") REFERENCES "public"."trunks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_contact_list_id_contact_lists_id_fk" FOREIGN KEY ("contact_list_id") REFERENCES "public"."contact_lists"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_csv_file_id_csv_files_id_fk" FOREIGN KEY ("csv_file_id") REFERENCES "public"."csv_files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_lists" ADD CONSTRAINT "contact_lists_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_contact_list_id_contact_lists_id_fk" FOREIGN KEY ("contact_list_id") REFERENCES "public"."contact_lists"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_csv_file_id_csv_files_id_fk" FOREIGN KEY ("csv_file_id") REFERENCES "public"."csv_files"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "csv_files" ADD CONSTRAINT "csv_files_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "csv_files" ADD CONSTRAINT "csv_files_contact_list_id_contact_lists_id_fk" FOREIGN KEY ("contact_list_id") REFERENCES "public"."contact_lists"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "csv_rejects" ADD CONSTRAINT "csv_rejects_csv_file_id_csv_files_id_fk" FOREIGN KEY ("csv_file_id") REFERENCES "public"."csv_files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "csv_rejects" ADD CONSTRAINT "csv_rejects_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suppressions" ADD CONSTRAINT "suppressions_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "assistants_workspace" ON "assistants" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "trunks_one_default" ON "trunks" USING btree ("workspace_id") WHERE "trunks"."is_default" and "trunks"."archived_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "trunks_livekit" ON "trunks" USING btree ("workspace_id","livekit_trunk_id") WHERE "trunks"."archived_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "calls_room_name" ON "calls" USING btree ("room_name");--> statement-breakpoint
CREATE UNIQUE INDEX "calls_one_open_per_contact" ON "calls" USING btree ("campaign_id","contact_id") WHERE status in ('pending', 'calling', 'answered');--> statement-breakpoint
CREATE INDEX "calls_lane_slots" ON "calls" USING btree ("trunk_id") WHERE status in ('pending', 'calling', 'answered') and starts_at is not null;--> statement-breakpoint
CREATE INDEX "calls_lane_queue" ON "calls" USING btree ("trunk_id","id") WHERE status = 'pending' and starts_at is null;--> statement-breakpoint
CREATE INDEX "calls_campaign" ON "calls" USING btree ("campaign_id","id");--> statement-breakpoint
CREATE INDEX "calls_campaign_open" ON "calls" USING btree ("campaign_id") WHERE status in ('pending', 'calling', 'answered');--> statement-breakpoint
CREATE INDEX "calls_campaign_results" ON "calls" USING btree ("campaign_id","status","disposition","outcome");--> statement-breakpoint
CREATE INDEX "calls_daily_cap" ON "calls" USING btree ("campaign_id","dial_day") WHERE dial_day is not null;--> statement-breakpoint
CREATE INDEX "calls_contact" ON "calls" USING btree ("contact_id","id");--> statement-breakpoint
CREATE INDEX "calls_history" ON "calls" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "calls_pending" ON "calls" USING btree ("starts_at") WHERE status = 'pending' and starts_at is not null;--> statement-breakpoint
CREATE INDEX "calls_check" ON "calls" USING btree ("check_at") WHERE check_at is not null;--> statement-breakpoint
CREATE INDEX "calls_provider_call_id" ON "calls" USING btree ("provider_call_id") WHERE provider_call_id is not null;--> statement-breakpoint
CREATE INDEX "notices_due" ON "notices" USING btree ("due_at") WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX "notices_call" ON "notices" USING btree ("call_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notices_once_per_call" ON "notices" USING btree ("call_id","event") WHERE event in ('call.started', 'call.answered', 'call.ended');--> statement-breakpoint
CREATE UNIQUE INDEX "signals_event" ON "signals" USING btree ("source","event_id");--> statement-breakpoint
CREATE INDEX "signals_to_apply" ON "signals" USING btree ("id") WHERE applied_at is null;--> statement-breakpoint
CREATE INDEX "signals_call" ON "signals" USING btree ("call_id","id");--> statement-breakpoint
CREATE INDEX "campaign_contacts_due" ON "campaign_contacts" USING btree ("campaign_id","zone_key","due_at","contact_id") WHERE "campaign_contacts"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "campaign_runtime_lane" ON "campaign_runtime" USING btree ("trunk_id");--> statement-breakpoint
CREATE INDEX "campaigns_workspace" ON "campaigns" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "campaigns_running" ON "campaigns" USING btree ("contact_list_id") WHERE "campaigns"."execution_status" in ('running', 'paused', 'error');--> statement-breakpoint
CREATE INDEX "contact_lists_workspace" ON "contact_lists" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "contacts_number" ON "contacts" USING btree ("contact_list_id","phone_number");--> statement-breakpoint
CREATE UNIQUE INDEX "contacts_external_id" ON "contacts" USING btree ("contact_list_id","external_id") WHERE "contacts"."external_id" is not null;--> statement-breakpoint
CREATE INDEX "contacts_list" ON "contacts" USING btree ("contact_list_id","id");--> statement-breakpoint
CREATE INDEX "contacts_csv_file" ON "contacts" USING btree ("csv_file_id","id") WHERE "contacts"."csv_file_id" is not null;--> statement-breakpoint
CREATE INDEX "contacts_workspace_number" ON "contacts" USING btree ("workspace_id","phone_number");--> statement-breakpoint
CREATE INDEX "csv_files_workspace" ON "csv_files" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "csv_files_importing" ON "csv_files" USING btree ("contact_list_id") WHERE "csv_files"."status" = 'importing';--> statement-breakpoint
CREATE UNIQUE INDEX "suppressions_number" ON "suppressions" USING btree ("workspace_id","phone_number");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_sha256" ON "api_keys" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "api_keys_workspace" ON "api_keys" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "audit_log_entity" ON "audit_log" USING btree ("workspace_id","entity","entity_id","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");
-- The schema after all migrations, for reading and for reviews. Written by: npm run schema

create type call_origin as enum ('campaign', 'single', 'inbound');

create type call_status as enum ('pending', 'calling', 'answered', 'completed', 'failed');

create type contact_source as enum ('contact_list', 'csv_file');

create type contact_state as enum ('waiting', 'claimed', 'finished');

create type csv_file_status as enum ('importing', 'imported', 'failed');

create type delivery_status as enum ('pending', 'delivered', 'failed');

create type disposition as enum ('completed', 'busy', 'no_answer', 'rejected', 'invalid_number', 'trunk_error', 'agent_error', 'canceled', 'unknown');

create type execution_status as enum ('idle', 'running', 'paused', 'completed', 'error');

create type finish_reason as enum ('completed', 'exhausted', 'not_retried', 'suppressed', 'canceled', 'campaign_ended', 'predial', 'unknown_time_zone');

create type jurisdiction_rules as enum ('enforce', 'warn');

create type local_time as enum ('contact', 'campaign');

create type notice_status as enum ('waiting', 'delivered', 'failed', 'sending');

create type outcome as enum ('interested', 'not_interested', 'callback', 'do_not_call', 'voicemail', 'wrong_number');

create type provider as enum ('twilio', 'exotel', 'other');

create type recording_source as enum ('livekit', 'twilio', 'exotel');

create type recording_status as enum ('wanted', 'starting', 'recording', 'failed', 'complete', 'deleted');

create type signal_source as enum ('livekit', 'twilio', 'exotel', 'agent', 'dialer', 'sweep', 'person');

create type unknown_timezone as enum ('campaign', 'skip');

create type voicemail_action as enum ('hangup', 'leave_message', 'continue');

create table api_keys (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  name text not null,
  prefix text not null,
  sha256 text not null,
  created_at timestamp(3) with time zone default now() not null,
  last_used_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
CREATE UNIQUE INDEX api_keys_sha256 ON public.api_keys USING btree (sha256);
CREATE INDEX api_keys_workspace ON public.api_keys USING btree (workspace_id);
alter table api_keys enable row level security;
create policy all_workspaces on api_keys to outdial_engine using (true) with check (true);
create policy one_workspace on api_keys to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table assistants (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  name text not null,
  agent_name text not null,
  prompt text default ''::text not null,
  greeting text default ''::text not null,
  questions jsonb default '[]'::jsonb not null,
  stt jsonb default '{}'::jsonb not null,
  llm jsonb default '{}'::jsonb not null,
  tts jsonb default '{}'::jsonb not null,
  assistant_end_call_url text,
  trunk_id uuid,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  ai_disclosure text default ''::text not null,
  constraint assistants_pkey PRIMARY KEY (id),
  constraint assistants_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint assistants_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
CREATE INDEX assistants_workspace ON public.assistants USING btree (workspace_id, id);
alter table assistants enable row level security;
create policy all_workspaces on assistants to outdial_engine using (true) with check (true);
create policy one_workspace on assistants to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table audit_log (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  actor text not null,
  action text not null,
  entity text not null,
  entity_id uuid,
  details jsonb default '{}'::jsonb not null,
  at timestamp(3) with time zone not null,
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
CREATE INDEX audit_log_entity ON public.audit_log USING btree (workspace_id, entity, entity_id, id);
alter table audit_log enable row level security;
create policy all_workspaces on audit_log to outdial_engine using (true) with check (true);
create policy one_workspace on audit_log to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table calls (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  origin call_origin not null,
  campaign_id uuid,
  contact_id uuid,
  assistant_id uuid,
  trunk_id uuid,
  phone_number text not null,
  from_number text,
  contact_name text,
  metadata jsonb default '{}'::jsonb not null,
  room_name text not null,
  attempt smallint default 1 not null,
  status call_status default 'pending'::call_status not null,
  disposition disposition,
  outcome outcome,
  outcome_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone default now() not null,
  starts_at timestamp(3) with time zone,
  dial_day date,
  permitted_at timestamp(3) with time zone,
  ringing_at timestamp(3) with time zone,
  answered_at timestamp(3) with time zone,
  agent_joined_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  hangup_requested_at timestamp(3) with time zone,
  sip_call_id text,
  provider_call_id text,
  sip_status_code smallint,
  end_reason text,
  leg_ended_at timestamp(3) with time zone,
  leg_end text,
  burned boolean default true not null,
  check_at timestamp(3) with time zone,
  settled_at timestamp(3) with time zone,
  reported_at timestamp(3) with time zone,
  callback_at timestamp(3) with time zone,
  summary text,
  answers jsonb,
  transcript jsonb,
  dialed_at timestamp(3) with time zone,
  agent_missing_at timestamp(3) with time zone,
  options jsonb,
  live_transcript jsonb,
  transcript_deleted_at timestamp(3) with time zone,
  provider_news jsonb,
  constraint calls_pkey PRIMARY KEY (id),
  constraint calls_assistant_id_assistants_id_fk FOREIGN KEY (assistant_id) REFERENCES assistants(id),
  constraint calls_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint calls_campaign_id_contact_id_campaign_contacts_campaign_id_cont FOREIGN KEY (campaign_id, contact_id) REFERENCES campaign_contacts(campaign_id, contact_id),
  constraint calls_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint calls_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint calls_answered CHECK (((status <> ALL (ARRAY['answered'::call_status, 'completed'::call_status])) OR (answered_at IS NOT NULL))),
  constraint calls_calling CHECK (((status <> ALL (ARRAY['calling'::call_status, 'answered'::call_status, 'completed'::call_status])) OR (permitted_at IS NOT NULL))),
  constraint calls_campaign_contact CHECK ((((origin = 'campaign'::call_origin) = (contact_id IS NOT NULL)) AND ((origin <> 'campaign'::call_origin) OR (campaign_id IS NOT NULL)))),
  constraint calls_checked CHECK (((check_at IS NOT NULL) = ((status <> 'pending'::call_status) AND (settled_at IS NULL)))),
  constraint calls_completed CHECK (((status = 'completed'::call_status) = (COALESCE(disposition, 'unknown'::disposition) = 'completed'::disposition))),
  constraint calls_dialed CHECK (((dialed_at IS NULL) OR (permitted_at IS NOT NULL))),
  constraint calls_disposition CHECK (((status = ANY (ARRAY['completed'::call_status, 'failed'::call_status])) = (disposition IS NOT NULL))),
  constraint calls_ended CHECK (((status = ANY (ARRAY['completed'::call_status, 'failed'::call_status])) = (ended_at IS NOT NULL))),
  constraint calls_pending CHECK (((status <> 'pending'::call_status) OR ((permitted_at IS NULL) AND (answered_at IS NULL)))),
  constraint calls_settled CHECK (((settled_at IS NULL) OR (ended_at IS NOT NULL))),
  constraint calls_times CHECK ((ended_at >= answered_at))
);
CREATE INDEX calls_campaign ON public.calls USING btree (campaign_id, id);
CREATE INDEX calls_campaign_open ON public.calls USING btree (campaign_id) WHERE (status = ANY (ARRAY['pending'::call_status, 'calling'::call_status, 'answered'::call_status]));
CREATE INDEX calls_campaign_results ON public.calls USING btree (campaign_id, status, disposition, outcome);
CREATE INDEX calls_check ON public.calls USING btree (check_at) WHERE (check_at IS NOT NULL);
CREATE INDEX calls_contact ON public.calls USING btree (contact_id, id);
CREATE INDEX calls_daily_cap ON public.calls USING btree (campaign_id, dial_day) WHERE (dial_day IS NOT NULL);
CREATE INDEX calls_history ON public.calls USING btree (workspace_id, id);
CREATE INDEX calls_lane_queue ON public.calls USING btree (trunk_id, id) WHERE ((status = 'pending'::call_status) AND (starts_at IS NULL));
CREATE INDEX calls_lane_slots ON public.calls USING btree (trunk_id) WHERE ((status = ANY (ARRAY['pending'::call_status, 'calling'::call_status, 'answered'::call_status])) AND (starts_at IS NOT NULL));
CREATE INDEX calls_number ON public.calls USING btree (workspace_id, phone_number, permitted_at) WHERE ((permitted_at IS NOT NULL) AND burned);
CREATE UNIQUE INDEX calls_one_open_per_contact ON public.calls USING btree (campaign_id, contact_id) WHERE (status = ANY (ARRAY['pending'::call_status, 'calling'::call_status, 'answered'::call_status]));
CREATE UNIQUE INDEX calls_one_per_number ON public.calls USING btree (workspace_id, phone_number) WHERE ((status = ANY (ARRAY['calling'::call_status, 'answered'::call_status])) AND (origin = 'campaign'::call_origin) AND burned);
CREATE INDEX calls_open_apart ON public.calls USING btree (workspace_id) WHERE ((status = ANY (ARRAY['pending'::call_status, 'calling'::call_status, 'answered'::call_status])) AND (origin <> 'campaign'::call_origin));
CREATE INDEX calls_pending ON public.calls USING btree (starts_at) WHERE ((status = 'pending'::call_status) AND (starts_at IS NOT NULL));
CREATE INDEX calls_provider_call_id ON public.calls USING btree (provider_call_id) WHERE (provider_call_id IS NOT NULL);
CREATE UNIQUE INDEX calls_room_name ON public.calls USING btree (room_name);
CREATE TRIGGER keep_transcript_text AFTER UPDATE ON public.calls FOR EACH ROW WHEN (((new.transcript IS DISTINCT FROM old.transcript) OR ((new.ended_at IS NOT NULL) AND ((new.live_transcript IS DISTINCT FROM old.live_transcript) OR ((old.ended_at IS NULL) AND (new.live_transcript IS NOT NULL)))))) EXECUTE FUNCTION keep_transcript_text();
alter table calls enable row level security;
create policy all_workspaces on calls to outdial_engine using (true) with check (true);
create policy one_workspace on calls to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table campaign_contacts (
  campaign_id uuid not null,
  contact_id uuid not null,
  workspace_id uuid not null,
  zone_key text not null,
  state contact_state default 'waiting'::contact_state not null,
  due_at timestamp(3) with time zone not null,
  attempts smallint default 0 not null,
  call_id uuid,
  finish_reason finish_reason,
  constraint campaign_contacts_campaign_id_contact_id_pk PRIMARY KEY (campaign_id, contact_id),
  constraint campaign_contacts_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint campaign_contacts_contact_id_contacts_id_fk FOREIGN KEY (contact_id) REFERENCES contacts(id),
  constraint campaign_contacts_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint campaign_contacts_claim CHECK (((state = 'claimed'::contact_state) = (call_id IS NOT NULL))),
  constraint campaign_contacts_finish CHECK (((state = 'finished'::contact_state) = (finish_reason IS NOT NULL)))
);
CREATE INDEX campaign_contacts_due ON public.campaign_contacts USING btree (campaign_id, zone_key, due_at, contact_id) WHERE (state = 'waiting'::contact_state);
alter table campaign_contacts enable row level security;
create policy all_workspaces on campaign_contacts to outdial_engine using (true) with check (true);
create policy one_workspace on campaign_contacts to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table campaign_paces (
  campaign_id uuid not null,
  workspace_id uuid not null,
  next_start_ms double precision not null,
  constraint campaign_paces_pkey PRIMARY KEY (campaign_id),
  constraint campaign_paces_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint campaign_paces_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table campaign_paces enable row level security;
create policy all_workspaces on campaign_paces to outdial_engine using (true) with check (true);
create policy one_workspace on campaign_paces to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table campaign_runtime (
  campaign_id uuid not null,
  workspace_id uuid not null,
  trunk_id uuid not null,
  contacts_total integer default 0 not null,
  contacts_waiting integer default 0 not null,
  contacts_claimed integer default 0 not null,
  contacts_finished integer default 0 not null,
  fill_cursor uuid,
  filled_at timestamp(3) with time zone,
  next_start_ms double precision default 0 not null,
  pass double precision default 0 not null,
  agent_failures integer default 0 not null,
  blocked_reason text,
  blocked_until timestamp(3) with time zone,
  trunk_failures integer default 0 not null,
  constraint campaign_runtime_pkey PRIMARY KEY (campaign_id),
  constraint campaign_runtime_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint campaign_runtime_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint campaign_runtime_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint campaign_runtime_adds_up CHECK ((contacts_total = ((contacts_waiting + contacts_claimed) + contacts_finished))),
  constraint campaign_runtime_counts CHECK (((contacts_waiting >= 0) AND (contacts_claimed >= 0) AND (contacts_finished >= 0)))
);
CREATE INDEX campaign_runtime_lane ON public.campaign_runtime USING btree (trunk_id);
alter table campaign_runtime enable row level security;
create policy all_workspaces on campaign_runtime to outdial_engine using (true) with check (true);
create policy one_workspace on campaign_runtime to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table campaign_zones (
  campaign_id uuid not null,
  workspace_id uuid not null,
  zone_key text not null,
  constraint campaign_zones_campaign_id_zone_key_pk PRIMARY KEY (campaign_id, zone_key),
  constraint campaign_zones_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE,
  constraint campaign_zones_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table campaign_zones enable row level security;
create policy all_workspaces on campaign_zones to outdial_engine using (true) with check (true);
create policy one_workspace on campaign_zones to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table campaigns (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  name text not null,
  assistant_id uuid not null,
  trunk_id uuid,
  contact_source contact_source not null,
  contact_list_id uuid not null,
  csv_file_id uuid,
  campaign_prompt text default ''::text not null,
  placeholder_defaults jsonb default '{}'::jsonb not null,
  questions jsonb default '[]'::jsonb not null,
  metadata jsonb default '{}'::jsonb not null,
  timezone text not null,
  local_time local_time default 'contact'::local_time not null,
  calling_days text[] not null,
  start_hour smallint not null,
  end_hour smallint not null,
  windows jsonb default '[]'::jsonb not null,
  holiday_calendar text[] default '{}'::text[] not null,
  start_at timestamp(3) with time zone,
  end_at timestamp(3) with time zone,
  daily_cap integer,
  call_delay_ms integer default 2000 not null,
  calls_per_second double precision,
  max_concurrency integer,
  weight integer default 1 not null,
  ring_timeout_seconds integer default 30 not null,
  max_call_seconds integer default 1800 not null,
  retry jsonb not null,
  max_attempts_per_contact smallint default 3 not null,
  max_attempts_per_day smallint default 2 not null,
  from_numbers text[] default '{}'::text[] not null,
  sip_headers jsonb default '{}'::jsonb not null,
  display_name text,
  voicemail voicemail_action default 'hangup'::voicemail_action not null,
  execution_status execution_status default 'idle'::execution_status not null,
  error_code text,
  error_reason text,
  started_at timestamp(3) with time zone,
  paused_at timestamp(3) with time zone,
  stopped_at timestamp(3) with time zone,
  completed_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  unknown_timezone unknown_timezone default 'campaign'::unknown_timezone not null,
  jurisdiction_rules jurisdiction_rules default 'enforce'::jurisdiction_rules not null,
  recording boolean,
  voicemail_message text default ''::text not null,
  predial_url text,
  ai_disclosure text default ''::text not null,
  constraint campaigns_pkey PRIMARY KEY (id),
  constraint campaigns_assistant_id_assistants_id_fk FOREIGN KEY (assistant_id) REFERENCES assistants(id),
  constraint campaigns_contact_list_id_contact_lists_id_fk FOREIGN KEY (contact_list_id) REFERENCES contact_lists(id),
  constraint campaigns_csv_file_id_csv_files_id_fk FOREIGN KEY (csv_file_id) REFERENCES csv_files(id),
  constraint campaigns_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint campaigns_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint campaigns_call_delay CHECK (((call_delay_ms >= 0) AND (call_delay_ms <= 3600000))),
  constraint campaigns_completed CHECK (((execution_status = 'completed'::execution_status) = (completed_at IS NOT NULL))),
  constraint campaigns_csv_file CHECK (((contact_source = 'csv_file'::contact_source) = (csv_file_id IS NOT NULL))),
  constraint campaigns_daily_cap CHECK ((daily_cap >= 1)),
  constraint campaigns_error CHECK (((execution_status = 'error'::execution_status) = (error_reason IS NOT NULL))),
  constraint campaigns_hours CHECK ((((start_hour >= 0) AND (start_hour <= 24)) AND ((end_hour >= 0) AND (end_hour <= 24)))),
  constraint campaigns_limits CHECK (((calls_per_second > (0)::double precision) AND (max_concurrency >= 1))),
  constraint campaigns_ring_timeout CHECK (((ring_timeout_seconds >= 15) AND (ring_timeout_seconds <= 80))),
  constraint campaigns_running_since CHECK (((execution_status = 'idle'::execution_status) OR (started_at IS NOT NULL))),
  constraint campaigns_weight CHECK (((weight >= 1) AND (weight <= 1000)))
);
CREATE INDEX campaigns_running ON public.campaigns USING btree (contact_list_id) WHERE (execution_status = ANY (ARRAY['running'::execution_status, 'paused'::execution_status, 'error'::execution_status]));
CREATE INDEX campaigns_workspace ON public.campaigns USING btree (workspace_id, id);
alter table campaigns enable row level security;
create policy all_workspaces on campaigns to outdial_engine using (true) with check (true);
create policy one_workspace on campaigns to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table contact_lists (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  name text not null,
  created_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  constraint contact_lists_pkey PRIMARY KEY (id),
  constraint contact_lists_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
CREATE INDEX contact_lists_workspace ON public.contact_lists USING btree (workspace_id, id);
alter table contact_lists enable row level security;
create policy all_workspaces on contact_lists to outdial_engine using (true) with check (true);
create policy one_workspace on contact_lists to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table contacts (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  contact_list_id uuid not null,
  csv_file_id uuid,
  line_number integer,
  external_id text,
  phone_number text not null,
  country text,
  name text,
  zone_key text default ''::text not null,
  zone_source text default 'unknown'::text not null,
  variables jsonb default '{}'::jsonb not null,
  created_at timestamp(3) with time zone default now() not null,
  constraint contacts_pkey PRIMARY KEY (id),
  constraint contacts_contact_list_id_contact_lists_id_fk FOREIGN KEY (contact_list_id) REFERENCES contact_lists(id),
  constraint contacts_csv_file_id_csv_files_id_fk FOREIGN KEY (csv_file_id) REFERENCES csv_files(id),
  constraint contacts_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint contacts_e164 CHECK ((phone_number ~ '^\+[1-9][0-9]{1,14}$'::text)),
  constraint contacts_zone_source CHECK ((zone_source = ANY (ARRAY['contact'::text, 'number'::text, 'unknown'::text])))
);
CREATE INDEX contacts_csv_file ON public.contacts USING btree (csv_file_id, id) WHERE (csv_file_id IS NOT NULL);
CREATE UNIQUE INDEX contacts_external_id ON public.contacts USING btree (contact_list_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX contacts_list ON public.contacts USING btree (contact_list_id, id);
CREATE UNIQUE INDEX contacts_number ON public.contacts USING btree (contact_list_id, phone_number);
CREATE INDEX contacts_workspace_number ON public.contacts USING btree (workspace_id, phone_number);
alter table contacts enable row level security;
create policy all_workspaces on contacts to outdial_engine using (true) with check (true);
create policy one_workspace on contacts to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table csv_files (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  contact_list_id uuid not null,
  file_name text not null,
  default_country text,
  mapping jsonb default '{}'::jsonb not null,
  columns jsonb default '[]'::jsonb not null,
  encoding text,
  delimiter text,
  status csv_file_status default 'importing'::csv_file_status not null,
  bytes bigint default 0 not null,
  rows integer default 0 not null,
  accepted integer default 0 not null,
  duplicates integer default 0 not null,
  invalid integer default 0 not null,
  error text,
  created_at timestamp(3) with time zone default now() not null,
  progressed_at timestamp(3) with time zone default now() not null,
  finished_at timestamp(3) with time zone,
  constraint csv_files_pkey PRIMARY KEY (id),
  constraint csv_files_contact_list_id_contact_lists_id_fk FOREIGN KEY (contact_list_id) REFERENCES contact_lists(id),
  constraint csv_files_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint csv_files_adds_up CHECK ((rows = ((accepted + duplicates) + invalid))),
  constraint csv_files_finished CHECK (((status = 'importing'::csv_file_status) = (finished_at IS NULL)))
);
CREATE INDEX csv_files_importing ON public.csv_files USING btree (contact_list_id) WHERE (status = 'importing'::csv_file_status);
CREATE INDEX csv_files_workspace ON public.csv_files USING btree (workspace_id, id);
alter table csv_files enable row level security;
create policy all_workspaces on csv_files to outdial_engine using (true) with check (true);
create policy one_workspace on csv_files to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table csv_rejects (
  csv_file_id uuid not null,
  workspace_id uuid not null,
  line_number integer not null,
  code text not null,
  reason text not null,
  value text not null,
  constraint csv_rejects_csv_file_id_line_number_pk PRIMARY KEY (csv_file_id, line_number),
  constraint csv_rejects_csv_file_id_csv_files_id_fk FOREIGN KEY (csv_file_id) REFERENCES csv_files(id) ON DELETE CASCADE,
  constraint csv_rejects_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table csv_rejects enable row level security;
create policy all_workspaces on csv_rejects to outdial_engine using (true) with check (true);
create policy one_workspace on csv_rejects to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table event_log (
  id bigint generated always as identity not null,
  workspace_id uuid not null,
  at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone default clock_timestamp() not null,
  kind text not null,
  campaign_id uuid,
  contact_id uuid,
  call_id uuid,
  trunk_id uuid,
  details jsonb default '{}'::jsonb not null,
  constraint event_log_pkey PRIMARY KEY (id)
);
CREATE INDEX event_log_campaign ON public.event_log USING btree (campaign_id, id) WHERE ((contact_id IS NULL) AND (campaign_id IS NOT NULL));
CREATE INDEX event_log_contact ON public.event_log USING btree (contact_id, id) WHERE (contact_id IS NOT NULL);
CREATE INDEX event_log_number ON public.event_log USING btree (workspace_id, ((details ->> 'phoneNumber'::text)), id) WHERE (kind = ANY (ARRAY['number_suppressed'::text, 'number_unsuppressed'::text]));
CREATE INDEX event_log_single_call ON public.event_log USING btree (call_id, id) WHERE ((contact_id IS NULL) AND (call_id IS NOT NULL));
CREATE INDEX event_log_trunk ON public.event_log USING btree (trunk_id, id) WHERE ((trunk_id IS NOT NULL) AND (campaign_id IS NULL) AND (call_id IS NULL));
alter table event_log enable row level security;
create policy all_workspaces on event_log to outdial_engine using (true) with check (true);
create policy one_workspace on event_log to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table idempotency_keys (
  workspace_id uuid not null,
  key text not null,
  request_sha256 text not null,
  response_status integer,
  response_body jsonb,
  new_id uuid default uuidv7() not null,
  taken_at timestamp(3) with time zone default now() not null,
  created_at timestamp(3) with time zone default now() not null,
  constraint idempotency_keys_workspace_id_key_pk PRIMARY KEY (workspace_id, key),
  constraint idempotency_keys_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint idempotency_keys_length CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
create policy all_workspaces on idempotency_keys to outdial_engine using (true) with check (true);
create policy one_workspace on idempotency_keys to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table lane_paces (
  trunk_id uuid not null,
  workspace_id uuid not null,
  starts_ms double precision[] not null,
  constraint lane_paces_pkey PRIMARY KEY (trunk_id),
  constraint lane_paces_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint lane_paces_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table lane_paces enable row level security;
create policy all_workspaces on lane_paces to outdial_engine using (true) with check (true);
create policy one_workspace on lane_paces to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table lane_wakes (
  id bigint generated always as identity not null,
  workspace_id uuid not null,
  trunk_id uuid not null,
  recorded_at timestamp(3) with time zone default clock_timestamp() not null,
  constraint lane_wakes_pkey PRIMARY KEY (id)
);
CREATE INDEX lane_wakes_trunk ON public.lane_wakes USING btree (trunk_id);
alter table lane_wakes enable row level security;
create policy all_workspaces on lane_wakes to outdial_engine using (true) with check (true);
create policy one_workspace on lane_wakes to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table lanes (
  trunk_id uuid not null,
  workspace_id uuid not null,
  next_start_ms double precision default 0 not null,
  pass double precision default 0 not null,
  slowed_until timestamp(3) with time zone,
  slowed_reason text,
  slowed_steps integer default 0 not null,
  next_wake_at timestamp(3) with time zone,
  ramp_from_ms double precision,
  is_nearly_full boolean default true not null,
  constraint lanes_pkey PRIMARY KEY (trunk_id),
  constraint lanes_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint lanes_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
alter table lanes enable row level security;
create policy all_workspaces on lanes to outdial_engine using (true) with check (true);
create policy one_workspace on lanes to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table notice_deliveries (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  notice_id uuid not null,
  endpoint_id uuid not null,
  status delivery_status default 'pending'::delivery_status not null,
  tries integer default 0 not null,
  failures smallint default 0 not null,
  next_try_at timestamp(3) with time zone not null,
  claimed_until timestamp(3) with time zone,
  last_status smallint,
  last_error text,
  delivered_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone default now() not null,
  log jsonb default '[]'::jsonb not null,
  constraint notice_deliveries_pkey PRIMARY KEY (id),
  constraint notice_deliveries_endpoint_id_notice_endpoints_id_fk FOREIGN KEY (endpoint_id) REFERENCES notice_endpoints(id),
  constraint notice_deliveries_notice_id_notices_id_fk FOREIGN KEY (notice_id) REFERENCES notices(id) ON DELETE CASCADE,
  constraint notice_deliveries_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint notice_deliveries_delivered CHECK (((status = 'delivered'::delivery_status) = (delivered_at IS NOT NULL)))
);
CREATE INDEX notice_deliveries_due ON public.notice_deliveries USING btree (endpoint_id, next_try_at) WHERE (status = 'pending'::delivery_status);
CREATE INDEX notice_deliveries_failed ON public.notice_deliveries USING btree (endpoint_id, id) WHERE (status = 'failed'::delivery_status);
CREATE UNIQUE INDEX notice_deliveries_once ON public.notice_deliveries USING btree (notice_id, endpoint_id);
alter table notice_deliveries enable row level security;
create policy all_workspaces on notice_deliveries to outdial_engine using (true) with check (true);
create policy one_workspace on notice_deliveries to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table notice_endpoints (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  assistant_id uuid,
  url text not null,
  description text default ''::text not null,
  events text[],
  secret text not null,
  previous_secret text,
  previous_secret_until timestamp(3) with time zone,
  failures integer default 0 not null,
  failing_since timestamp(3) with time zone,
  held_until timestamp(3) with time zone,
  switched_off_at timestamp(3) with time zone,
  switched_off_reason text,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  constraint notice_endpoints_pkey PRIMARY KEY (id),
  constraint notice_endpoints_assistant_id_assistants_id_fk FOREIGN KEY (assistant_id) REFERENCES assistants(id),
  constraint notice_endpoints_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint notice_endpoints_failing CHECK (((failures = 0) = (failing_since IS NULL))),
  constraint notice_endpoints_off CHECK (((switched_off_at IS NULL) = (switched_off_reason IS NULL))),
  constraint notice_endpoints_secrets CHECK (((previous_secret IS NULL) = (previous_secret_until IS NULL)))
);
CREATE UNIQUE INDEX notice_endpoints_assistant ON public.notice_endpoints USING btree (assistant_id) WHERE (assistant_id IS NOT NULL);
CREATE INDEX notice_endpoints_workspace ON public.notice_endpoints USING btree (workspace_id, id);
alter table notice_endpoints enable row level security;
create policy all_workspaces on notice_endpoints to outdial_engine using (true) with check (true);
create policy one_workspace on notice_endpoints to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table notices (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  event text not null,
  campaign_id uuid,
  call_id uuid,
  data jsonb not null,
  status notice_status default 'waiting'::notice_status not null,
  tries integer default 0 not null,
  due_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone default now() not null,
  delivered_at timestamp(3) with time zone,
  last_error text,
  constraint notices_pkey PRIMARY KEY (id),
  constraint notices_call_id_calls_id_fk FOREIGN KEY (call_id) REFERENCES calls(id),
  constraint notices_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id),
  constraint notices_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint notices_delivered CHECK (((status = 'delivered'::notice_status) = (delivered_at IS NOT NULL)))
);
CREATE INDEX notices_call ON public.notices USING btree (call_id);
CREATE INDEX notices_due ON public.notices USING btree (due_at) WHERE (status = 'waiting'::notice_status);
CREATE INDEX notices_history ON public.notices USING btree (workspace_id, id) WHERE (status <> 'waiting'::notice_status);
CREATE UNIQUE INDEX notices_once_per_call ON public.notices USING btree (call_id, event) WHERE (event = ANY (ARRAY['call.started'::text, 'call.answered'::text, 'call.ended'::text]));
alter table notices enable row level security;
create policy all_workspaces on notices to outdial_engine using (true) with check (true);
create policy one_workspace on notices to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table parked_signals (
  id uuid default uuidv7() not null,
  source signal_source not null,
  event_id text not null,
  event text not null,
  provider_call_ids text[] not null,
  content jsonb not null,
  received_at timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone not null,
  constraint parked_signals_pkey PRIMARY KEY (id),
  constraint parked_signals_named CHECK ((cardinality(provider_call_ids) > 0))
);
CREATE INDEX parked_signals_due ON public.parked_signals USING btree (due_at);
CREATE UNIQUE INDEX parked_signals_event ON public.parked_signals USING btree (source, event_id);
alter table parked_signals enable row level security;
create policy all_workspaces on parked_signals to outdial_engine using (true) with check (true);

create table phone_numbers (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  phone_number text not null,
  assistant_id uuid not null,
  trunk_id uuid,
  answered_by text default 'agent'::text not null,
  livekit_inbound_trunk_id text not null,
  livekit_dispatch_rule_id text not null,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  constraint phone_numbers_pkey PRIMARY KEY (id),
  constraint phone_numbers_assistant_id_assistants_id_fk FOREIGN KEY (assistant_id) REFERENCES assistants(id),
  constraint phone_numbers_trunk_id_trunks_id_fk FOREIGN KEY (trunk_id) REFERENCES trunks(id),
  constraint phone_numbers_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint phone_numbers_answered_by CHECK ((answered_by = ANY (ARRAY['agent'::text, 'person'::text]))),
  constraint phone_numbers_e164 CHECK ((phone_number ~ '^\+[1-9][0-9]{1,14}$'::text))
);
CREATE UNIQUE INDEX phone_numbers_livekit ON public.phone_numbers USING btree (livekit_inbound_trunk_id) WHERE (archived_at IS NULL);
CREATE UNIQUE INDEX phone_numbers_number ON public.phone_numbers USING btree (phone_number) WHERE (archived_at IS NULL);
CREATE INDEX phone_numbers_workspace ON public.phone_numbers USING btree (workspace_id, id);
alter table phone_numbers enable row level security;
create policy all_workspaces on phone_numbers to outdial_engine using (true) with check (true);
create policy one_workspace on phone_numbers to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table recordings (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  call_id uuid not null,
  source recording_source not null,
  external_id text,
  status recording_status not null,
  bucket text,
  file_key text,
  location text,
  started_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  duration_ms integer,
  size_bytes bigint,
  error text,
  created_at timestamp(3) with time zone default now() not null,
  tries smallint default 0 not null,
  try_at timestamp(3) with time zone,
  delete_requested_at timestamp(3) with time zone,
  deleted_at timestamp(3) with time zone,
  constraint recordings_pkey PRIMARY KEY (id),
  constraint recordings_call_id_calls_id_fk FOREIGN KEY (call_id) REFERENCES calls(id),
  constraint recordings_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint recordings_delete_requested CHECK (((deleted_at IS NULL) OR (delete_requested_at IS NOT NULL))),
  constraint recordings_deleted CHECK (((status = 'deleted'::recording_status) = (deleted_at IS NOT NULL)))
);
CREATE INDEX recordings_age ON public.recordings USING btree (workspace_id, ended_at) WHERE ((ended_at IS NOT NULL) AND (delete_requested_at IS NULL));
CREATE INDEX recordings_call ON public.recordings USING btree (call_id);
CREATE UNIQUE INDEX recordings_external ON public.recordings USING btree (source, external_id);
CREATE INDEX recordings_to_do ON public.recordings USING btree (try_at) WHERE (try_at IS NOT NULL);
CREATE INDEX recordings_workspace ON public.recordings USING btree (workspace_id, id);
alter table recordings enable row level security;
create policy all_workspaces on recordings to outdial_engine using (true) with check (true);
create policy one_workspace on recordings to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table signals (
  id uuid default uuidv7() not null,
  source signal_source not null,
  event_id text not null,
  event text not null,
  workspace_id uuid,
  call_id uuid,
  room_name text,
  content jsonb not null,
  received_at timestamp(3) with time zone not null,
  applied_at timestamp(3) with time zone,
  problem text,
  constraint signals_pkey PRIMARY KEY (id),
  constraint signals_call_id_calls_id_fk FOREIGN KEY (call_id) REFERENCES calls(id),
  constraint signals_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id)
);
CREATE INDEX signals_call ON public.signals USING btree (call_id, id);
CREATE UNIQUE INDEX signals_event ON public.signals USING btree (source, event_id);
CREATE INDEX signals_to_apply ON public.signals USING btree (id) WHERE (applied_at IS NULL);
alter table signals enable row level security;
create policy all_workspaces on signals to outdial_engine using (true) with check (true);
create policy one_workspace on signals to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table suppressions (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  phone_number text not null,
  reason text default ''::text not null,
  source text not null,
  call_id uuid,
  created_at timestamp(3) with time zone default now() not null,
  constraint suppressions_pkey PRIMARY KEY (id),
  constraint suppressions_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint suppressions_e164 CHECK ((phone_number ~ '^\+[1-9][0-9]{1,14}$'::text))
);
CREATE UNIQUE INDEX suppressions_number ON public.suppressions USING btree (workspace_id, phone_number);
alter table suppressions enable row level security;
create policy all_workspaces on suppressions to outdial_engine using (true) with check (true);
create policy one_workspace on suppressions to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table transcript_texts (
  call_id uuid not null,
  workspace_id uuid not null,
  words tsvector not null,
  called_at timestamp(3) with time zone not null,
  constraint transcript_texts_pkey PRIMARY KEY (call_id),
  constraint transcript_texts_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id)
);
CREATE INDEX transcript_texts_age ON public.transcript_texts USING btree (workspace_id, called_at);
CREATE INDEX transcript_texts_words ON public.transcript_texts USING gin (words);
alter table transcript_texts enable row level security;
create policy all_workspaces on transcript_texts for select to outdial_engine using (true);

create table trunks (
  id uuid default uuidv7() not null,
  workspace_id uuid not null,
  name text not null,
  provider provider default 'other'::provider not null,
  livekit_trunk_id text not null,
  numbers text[] default '{}'::text[] not null,
  calls_per_second double precision default 1 not null,
  max_concurrency integer default 10 not null,
  is_default boolean default false not null,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  archived_at timestamp(3) with time zone,
  ramp_up_seconds integer default 10 not null,
  number_format text default 'e164'::text not null,
  livekit jsonb,
  constraint trunks_pkey PRIMARY KEY (id),
  constraint trunks_workspace_id_workspaces_id_fk FOREIGN KEY (workspace_id) REFERENCES workspaces(id),
  constraint trunks_calls_per_second CHECK (((calls_per_second > (0)::double precision) AND (calls_per_second <= (1000)::double precision))),
  constraint trunks_max_concurrency CHECK (((max_concurrency >= 1) AND (max_concurrency <= 100000))),
  constraint trunks_number_format CHECK ((number_format = ANY (ARRAY['e164'::text, 'digits'::text]))),
  constraint trunks_ramp_up CHECK (((ramp_up_seconds >= 0) AND (ramp_up_seconds <= 3600)))
);
CREATE UNIQUE INDEX trunks_livekit ON public.trunks USING btree (workspace_id, livekit_trunk_id) WHERE (archived_at IS NULL);
CREATE UNIQUE INDEX trunks_one_default ON public.trunks USING btree (workspace_id) WHERE (is_default AND (archived_at IS NULL));
alter table trunks enable row level security;
create policy all_workspaces on trunks to outdial_engine using (true) with check (true);
create policy one_workspace on trunks to outdial_api using ((workspace_id = outdial_workspace_id())) with check ((workspace_id = outdial_workspace_id()));

create table workspaces (
  id uuid default uuidv7() not null,
  name text not null,
  created_at timestamp(3) with time zone default now() not null,
  attempt_limit_calls integer default 3,
  attempt_limit_hours integer default 24 not null,
  recording_retention_days integer,
  transcript_retention_days integer,
  constraint workspaces_pkey PRIMARY KEY (id),
  constraint workspaces_attempt_limit CHECK ((((attempt_limit_calls >= 1) AND (attempt_limit_calls <= 100)) AND ((attempt_limit_hours >= 1) AND (attempt_limit_hours <= 720)))),
  constraint workspaces_retention CHECK ((((recording_retention_days >= 1) AND (recording_retention_days <= 3650)) AND ((transcript_retention_days >= 1) AND (transcript_retention_days <= 3650))))
);
alter table workspaces enable row level security;
create policy all_workspaces on workspaces to outdial_engine using (true) with check (true);
create policy one_workspace on workspaces to outdial_api using ((id = outdial_workspace_id()));

create view campaign_calls with (security_invoker=true) as
 SELECT id,
    workspace_id,
    campaign_id,
    contact_id,
    assistant_id,
    trunk_id,
    phone_number,
    from_number,
    contact_name,
    room_name,
    attempt,
    status,
    disposition,
    outcome,
    created_at,
    permitted_at,
    ringing_at,
    answered_at,
    ended_at,
    sip_call_id,
    sip_status_code,
    end_reason,
    callback_at,
    summary,
    answers,
    shown_transcript(transcript, live_transcript) AS transcript,
    metadata
   FROM calls
  WHERE (campaign_id IS NOT NULL);

CREATE OR REPLACE FUNCTION public.find_api_key(hash text)
 RETURNS TABLE(id uuid, workspace_id uuid, prefix text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ SELECT id, workspace_id, prefix FROM api_keys WHERE sha256 = hash AND revoked_at IS NULL $function$;

CREATE OR REPLACE FUNCTION public.find_transcripts(query text)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$ SELECT call_id FROM transcript_texts
  WHERE words @@ websearch_to_tsquery('simple', query) AND workspace_id = outdial_workspace_id() $function$;

CREATE OR REPLACE FUNCTION public.forget_events(older_than timestamp with time zone, at_most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.keep_transcript_text()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.outdial_workspace_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('outdial.workspace_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION public.shown_transcript(reported jsonb, live jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
RETURN CASE WHEN (jsonb_array_length(live) > COALESCE(jsonb_array_length(reported), 0)) THEN live ELSE reported END;

grant delete, insert, select, update on api_keys to outdial_api;
grant delete, insert, select, update on api_keys to outdial_engine;
grant delete, insert, select, update on assistants to outdial_api;
grant delete, insert, select, update on assistants to outdial_engine;
grant insert, select on audit_log to outdial_api;
grant insert, select on audit_log to outdial_engine;
grant delete, insert, select, update on calls to outdial_api;
grant delete, insert, select, update on calls to outdial_engine;
grant select on campaign_calls to outdial_api;
grant select on campaign_calls to outdial_engine;
grant delete, insert, select, update on campaign_contacts to outdial_api;
grant delete, insert, select, update on campaign_contacts to outdial_engine;
grant delete, insert, select, update on campaign_paces to outdial_api;
grant delete, insert, select, update on campaign_paces to outdial_engine;
grant delete, insert, select, update on campaign_runtime to outdial_api;
grant delete, insert, select, update on campaign_runtime to outdial_engine;
grant delete, insert, select, update on campaign_zones to outdial_api;
grant delete, insert, select, update on campaign_zones to outdial_engine;
grant delete, insert, select, update on campaigns to outdial_api;
grant delete, insert, select, update on campaigns to outdial_engine;
grant delete, insert, select, update on contact_lists to outdial_api;
grant delete, insert, select, update on contact_lists to outdial_engine;
grant delete, insert, select, update on contacts to outdial_api;
grant delete, insert, select, update on contacts to outdial_engine;
grant delete, insert, select, update on csv_files to outdial_api;
grant delete, insert, select, update on csv_files to outdial_engine;
grant delete, insert, select, update on csv_rejects to outdial_api;
grant delete, insert, select, update on csv_rejects to outdial_engine;
grant insert, select on event_log to outdial_api;
grant insert, select on event_log to outdial_engine;
grant execute on function find_api_key(text) to outdial_api;
grant execute on function find_api_key(text) to outdial_engine;
grant execute on function find_transcripts(text) to outdial_api;
grant execute on function find_transcripts(text) to outdial_engine;
grant execute on function forget_events(timestamp with time zone,integer) to outdial_engine;
grant execute on function outdial_workspace_id() to public;
grant execute on function shown_transcript(jsonb,jsonb) to public;
grant delete, insert, select, update on idempotency_keys to outdial_api;
grant delete, insert, select, update on idempotency_keys to outdial_engine;
grant delete, insert, select, update on lane_paces to outdial_api;
grant delete, insert, select, update on lane_paces to outdial_engine;
grant insert on lane_wakes to outdial_api;
grant delete, insert, select on lane_wakes to outdial_engine;
grant delete, insert, select, update on lanes to outdial_api;
grant delete, insert, select, update on lanes to outdial_engine;
grant insert, select, update on notice_deliveries to outdial_api;
grant delete, insert, select, update on notice_deliveries to outdial_engine;
grant insert, select, update on notice_endpoints to outdial_api;
grant insert, select, update on notice_endpoints to outdial_engine;
grant delete, insert, select, update on notices to outdial_api;
grant delete, insert, select, update on notices to outdial_engine;
grant delete, insert, select, update on parked_signals to outdial_engine;
grant insert, select, update on phone_numbers to outdial_api;
grant select on phone_numbers to outdial_engine;
grant insert, select, update on recordings to outdial_api;
grant insert, select, update on recordings to outdial_engine;
grant usage on schema public to outdial_api;
grant usage on schema public to outdial_engine;
grant usage on schema public to public;
grant delete, insert, select, update on signals to outdial_api;
grant delete, insert, select, update on signals to outdial_engine;
grant delete, insert, select, update on suppressions to outdial_api;
grant delete, insert, select, update on suppressions to outdial_engine;
grant select on transcript_texts to outdial_engine;
grant delete, insert, select, update on trunks to outdial_api;
grant delete, insert, select, update on trunks to outdial_engine;
grant select on workspaces to outdial_api;
grant insert, select, update on workspaces to outdial_engine;
grant update on workspaces (attempt_limit_calls) to outdial_api;
grant update on workspaces (attempt_limit_hours) to outdial_api;
grant update on workspaces (name) to outdial_api;
grant update on workspaces (recording_retention_days) to outdial_api;
grant update on workspaces (transcript_retention_days) to outdial_api;

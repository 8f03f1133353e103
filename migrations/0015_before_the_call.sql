ALTER TYPE "public"."finish_reason" ADD VALUE 'predial' BEFORE 'unknown_time_zone';--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "voicemail_message" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "predial_url" text;
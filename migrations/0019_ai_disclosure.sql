ALTER TABLE "assistants" ADD COLUMN "ai_disclosure" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "ai_disclosure" text DEFAULT '' NOT NULL;
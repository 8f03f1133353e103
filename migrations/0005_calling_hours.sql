CREATE TYPE "public"."jurisdiction_rules" AS ENUM('enforce', 'warn');--> statement-breakpoint
CREATE TYPE "public"."unknown_timezone" AS ENUM('campaign', 'skip');--> statement-breakpoint
ALTER TYPE "public"."finish_reason" ADD VALUE 'unknown_time_zone';--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "unknown_timezone" "unknown_timezone" DEFAULT 'campaign' NOT NULL;--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "jurisdiction_rules" "jurisdiction_rules" DEFAULT 'enforce' NOT NULL;
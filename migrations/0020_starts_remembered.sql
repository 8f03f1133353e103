ALTER TABLE "lane_paces" ADD COLUMN "starts_ms" double precision[];--> statement-breakpoint
UPDATE "lane_paces" SET "starts_ms" = array["next_start_ms"];--> statement-breakpoint
ALTER TABLE "lane_paces" ALTER COLUMN "starts_ms" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "lane_paces" DROP COLUMN "next_start_ms";

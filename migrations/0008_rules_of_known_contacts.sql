-- Contacts from before there were rules of the law get those of their country. Those of their state they get when they
-- are imported again.
UPDATE contacts SET zone_key = rule.code || '@' || zone_key
FROM (VALUES
  ('AU', 'AU'), ('CA', 'CA'), ('CO', 'CO'), ('ES', 'ES'), ('IN', 'IN'), ('ZA', 'ZA'),
  ('FR', 'FR'), ('GF', 'FR'), ('GP', 'FR'), ('MQ', 'FR'), ('RE', 'FR'), ('YT', 'FR'),
  ('US', 'US'), ('AS', 'US'), ('GU', 'US'), ('MP', 'US'), ('PR', 'US'), ('VI', 'US')
) AS rule (country, code)
WHERE contacts.country = rule.country AND position('@' IN contacts.zone_key) = 0;
--> statement-breakpoint
INSERT INTO campaign_zones (campaign_id, workspace_id, zone_key)
SELECT DISTINCT held.campaign_id, held.workspace_id, contacts.zone_key
FROM campaign_contacts held JOIN contacts ON contacts.id = held.contact_id
WHERE held.zone_key <> contacts.zone_key
ON CONFLICT DO NOTHING;
--> statement-breakpoint
UPDATE campaign_contacts held SET zone_key = contacts.zone_key
FROM contacts WHERE contacts.id = held.contact_id AND held.zone_key <> contacts.zone_key;

import type postgres from 'postgres'

/** Rows that nothing would ever move, once everything is said to be over. Each query names them and why. */
export async function findLeftovers(sql: postgres.Sql): Promise<{ what: string; rows: unknown[] }[]> {
  const found = await Promise.all(
    queries.map(async ({ what, text }) => ({ what, rows: [...(await sql.unsafe(text))] as unknown[] })),
  )
  return found.filter(({ rows }) => rows.length > 0)
}

const queries: { what: string; text: string }[] = [
  {
    what: 'deadlocks: somebody locks in another order',
    text: `select deadlocks from pg_stat_database where datname = current_database() and deadlocks > 0`,
  },
  {
    what: 'slots that are never given back: calls that are not over',
    text: `select id, origin, status, starts_at, permitted_at, dialed_at, check_at, end_reason, room_name from calls
      where status in ('pending', 'calling', 'answered') limit 20`,
  },
  {
    what: 'contacts whose call is over and that are still claimed',
    text: `select cc.campaign_id, cc.contact_id, cc.call_id, c.status, c.settled_at
      from campaign_contacts cc left join calls c on c.id = cc.call_id
      where cc.state = 'claimed' and (c.id is null or c.status in ('completed', 'failed')) limit 20`,
  },
  {
    what: 'contacts that are not finished in a campaign that is completed',
    text: `select cc.* from campaign_contacts cc join campaigns k on k.id = cc.campaign_id
      where k.execution_status = 'completed' and cc.state <> 'finished' limit 20`,
  },
  {
    what: 'contacts of a list that its completed campaign never took over',
    text: `select k.id as campaign_id, c.id as contact_id, c.phone_number, c.created_at, k.completed_at
      from campaigns k join contacts c on c.contact_list_id = k.contact_list_id
      left join campaign_contacts cc on cc.campaign_id = k.id and cc.contact_id = c.id
      where k.execution_status = 'completed' and k.csv_file_id is null and cc.contact_id is null
        and c.created_at < k.completed_at limit 20`,
  },
  {
    what: 'counters that are not the recount',
    text: `select r.campaign_id, r.contacts_total, r.contacts_waiting, r.contacts_claimed, r.contacts_finished, n.*
      from campaign_runtime r cross join lateral (
        select count(*) as total, count(*) filter (where state = 'waiting') as waiting,
          count(*) filter (where state = 'claimed') as claimed, count(*) filter (where state = 'finished') as finished
        from campaign_contacts cc where cc.campaign_id = r.campaign_id) n
      where (r.contacts_total, r.contacts_waiting, r.contacts_claimed, r.contacts_finished)
        <> (n.total, n.waiting, n.claimed, n.finished)`,
  },
  {
    what: 'signals that nobody applies',
    text: `select id, source, event, call_id, received_at, problem from signals
      where applied_at is null or problem is not null limit 20`,
  },
  {
    what: 'calls that are over and never settled',
    text: `select id, status, disposition, ended_at, settled_at, check_at from calls
      where status in ('completed', 'failed') and settled_at is null limit 20`,
  },
  {
    what: 'more campaign calls than attempts that the contact may have',
    text: `select cc.campaign_id, cc.contact_id, cc.attempts, count(*) as burned
      from campaign_contacts cc join calls c on c.campaign_id = cc.campaign_id and c.contact_id = cc.contact_id
      where c.burned and c.permitted_at is not null group by 1, 2, 3 having count(*) <> cc.attempts limit 20`,
  },
]

import { runWithTenant } from '@partywall/context'
import { createGuard } from '@partywall/sql'
import type { Case } from './alone.ts'
import { acme, schema } from './users.ts'

const select = 'select id, email from users where tenant_id = $1 and id = $2'
const join = `select u.email, s.id from users u join sessions s
  on s.user_id = u.id and s.tenant_id = u.tenant_id where u.tenant_id = $1 order by s.id limit 20`

/** A report, 1 000 characters long with the number that is put behind it. */
const report = `with recent as (
    select s.user_id, count(*) as visits, max(s.started_at) as last_visit
    from sessions s
    where s.tenant_id = $1 and s.started_at >= $2 and s.started_at < $3
    group by s.user_id
  ), active as (
    select u.id, u.email, u.name, u.created_at, coalesce(r.visits, 0) as visits, r.last_visit
    from users u
    left join recent r on r.user_id = u.id
    where u.tenant_id = $1 and u.deleted_at is null and (u.email ilike $4 or u.name ilike $4)
  )
  select a.id, a.email, a.name, a.created_at, a.visits, a.last_visit,
    case when a.visits > 10 then 'often' when a.visits > 0 then 'sometimes' else 'never' end as how,
    row_number() over (order by a.visits desc, a.id) as place,
    (select count(*) from sessions o where o.tenant_id = $1 and o.user_id = a.id) as all_visits
  from active a
  where a.created_at > $2 and exists (
    select 1 from sessions e where e.tenant_id = $1 and e.user_id = a.id
  )
  order by a.visits desc, a.id limit 50`

/** As Prisma writes them: long names, few parts. 1 000 characters too. */
const wide = `SELECT ${columnsOf('users', [
  ...['id', 'tenant_id', 'email', 'name', 'role', 'locale', 'time_zone', 'avatar_url', 'phone'],
  ...['created_at', 'updated_at', 'deleted_at', 'invited_by_id', 'last_login_at', 'plan'],
])} FROM "public"."users" LEFT JOIN "public"."sessions" AS "j0" ON ("j0"."user_id") = ("public"."users"."id") AND ("j0"."tenant_id") = ("public"."users"."tenant_id") WHERE ("public"."users"."tenant_id" = $1 AND "public"."users"."email"::text LIKE $2 AND ("j0"."id" IS NOT NULL)) ORDER BY "public"."users"."created_at" DESC LIMIT 20`

const texts = [
  { what: 'a select by primary key', text: select, values: ['acme', 7] },
  { what: 'a join', text: join, values: ['acme'] },
  { what: 'a wide select of 1 kB', text: wide, values: ['acme', 'a%'] },
  { what: 'a report of 1 kB', text: report, values: ['acme', '2026-01-01', '2026-02-01', 'a%'] },
] as const

/** What the guard itself takes, without a server. */
export const proofCases: readonly Case[] = [
  ...texts.map(({ what, text, values }) => seenBefore(what, text, values)),
  ...texts.map(({ what, text, values }) => firstSight(what, text, values)),
]

function columnsOf(table: string, columns: readonly string[]): string {
  return columns.map((column) => `"public"."${table}"."${column}"`).join(', ')
}

function seenBefore(what: string, text: string, values: readonly unknown[]): Case {
  return {
    name: `${what} that was seen before`,
    prepare: () => checking(() => text, values),
    goalNs: 5_000,
  }
}

function firstSight(what: string, text: string, values: readonly unknown[]): Case {
  let sight = 0
  const fresh = (): string => {
    sight += 1
    return `${text} offset ${sight}`
  }
  return {
    name: `${what} at first sight`,
    prepare: () => checking(fresh, values),
    goalNs: 150_000,
  }
}

async function checking(text: () => string, values: readonly unknown[]): Promise<() => unknown> {
  const session = (await createGuard(schema)).session()
  return () => runWithTenant(acme, () => session.check({ text: text(), values }))
}

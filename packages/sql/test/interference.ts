import type pg from 'pg'
import { key, uuid, type Worlds } from './world.ts'

/** What one statement did in one world. */
interface Outcome {
  readonly reply: string
  readonly error: string | undefined
  /** Whether a row of another tenant was made, changed or lost. */
  readonly damaged: boolean
  /** What the tenant's own rows are then. */
  readonly own?: string
}

export interface Comparison {
  /** Where other tenants' rows made a difference; `undefined` where they did not. */
  readonly leak: string | undefined
  /** The first error of the server, if any. */
  readonly error: string | undefined
}

/** Rows of each table, whose they are not the tenant's. */
const foreignRows: Readonly<Record<string, string>> = {
  users: `tenant_id <> ${key}`,
  posts: `tenant_id <> ${key}`,
  tags: `tenant_id <> ${key}`,
  folders: `tenant_id <> ${key}`,
  pages: `folder_key / 1000 <> ${key}`,
  // Rows between two tenants are nobody's, and counted apart.
  _near: `"A" / 1000 <> ${key} and "B" / 1000 <> ${key}`,
  roles: `tenant_id is distinct from ${key}`,
  docs: `owner <> 'acme'`,
  files: `owner <> '${uuid}'`,
  countries: 'true',
  settings: 'false',
}

const sumWhere = (which: (foreign: string) => string): string => {
  const rows = Object.entries(foreignRows).map(
    ([table, foreign]) =>
      `select '${table} ' || t::text as r from ${table} t where not (${between(table)}) and ${which(foreign)}`,
  )
  return `(select md5(coalesce(string_agg(r, '|' order by r), '')) from (${rows.join(' union all ')}) every_row)`
}
const mixed = `"A" / 1000 = ${key} and "B" / 1000 <> ${key} or "A" / 1000 <> ${key} and "B" / 1000 = ${key}`
const between = (table: string): string => (table === '_near' ? mixed : 'false')
const state = `select ${sumWhere((foreign) => foreign)} as others, ${sumWhere((foreign) => `not (${foreign})`)} as own,
  (select count(*)::int from _near where ${mixed}) as mixed`

interface State {
  /** Rows between two tenants: they go with either of them, and nobody makes one. */
  readonly mixed: number
  readonly others: string
  readonly own: string
}

/** Runs a statement in every world and takes it back; whether it fails is not compared. */
export async function compare(
  { clients }: Worlds,
  text: string,
  values: readonly unknown[],
): Promise<Comparison> {
  const run = reads.test(text) ? runReading : runWriting
  const outcomes = new Map<string, Outcome>(
    await Promise.all(
      [...clients].map(async ([world, client]) => {
        // Every world is a schema of its own.
        const here = text.replaceAll('public.', `${world}.`)
        return [world, await run(client, here, values)] as const
      }),
    ),
  )
  const base = outcomes.get('none')
  let error: string | undefined
  for (const [world, outcome] of outcomes) {
    error ??= outcome.error
    if (outcome.damaged) return { leak: `${world}: foreign rows changed`, error }
    if (outcome.error !== undefined || base === undefined || base.error !== undefined) continue
    if (outcome.reply !== base.reply) {
      return { leak: `${world}: ${outcome.reply}\n  none: ${base.reply}`, error }
    }
    if (outcome.own !== base.own) return { leak: `${world}: own rows become others`, error }
  }
  return { leak: undefined, error }
}

/** A statement that cannot write, also not in a query of WITH or in a second statement. */
const reads =
  /^\s*(?:(?:select|values|\()(?![\s\S]*;)|with(?![\s\S]*\b(?:insert|update|delete|merge)\b))/i

type Run = (client: pg.Client, text: string, values: readonly unknown[]) => Promise<Outcome>

const runReading: Run = async (client, text, values) => {
  try {
    const reply = await client.query({ text, values: [...values], rowMode: 'array' })
    return { reply: replyOf(reply), error: undefined, damaged: false }
  } catch (error) {
    return { reply: '', error: String(error), damaged: false }
  }
}

const runWriting: Run = async (client, text, values) => {
  await client.query('begin')
  try {
    const before = await stateOf(client)
    const { reply, error } = await runReading(client, text, values)
    if (error !== undefined) return { reply, error, damaged: false }
    const { others, own, mixed } = await stateOf(client)
    return { reply, error, damaged: before.others !== others || mixed > before.mixed, own }
  } finally {
    await client.query('rollback')
  }
}

async function stateOf(client: pg.Client): Promise<State> {
  const { rows } = await client.query<State>(state)
  return rows[0] ?? { others: '', own: '', mixed: 0 }
}

/** Rows without their order: without a total order it is nobody's promise. */
function replyOf(reply: pg.QueryResult | pg.QueryResult[]): string {
  if (Array.isArray(reply)) return reply.map(replyOf).join('\n')
  const { rows, rowCount } = reply
  const lines = rows.map((row) => JSON.stringify(row)).sort()
  return `${rowCount} ${lines.join('\n')}`
}

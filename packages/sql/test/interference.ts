import type pg from 'pg'
import { key, uuid, type Worlds } from './world.ts'

/** What one statement did in one world. */
interface Outcome {
  readonly reply: string
  readonly error: string | undefined
  /** Whether a row of another tenant was made, changed or lost. */
  readonly damaged: boolean
}

export interface Comparison {
  /** Where other tenants' rows made a difference; `undefined` where they did not. */
  readonly leak: string | undefined
  /** The first error of the server, if any. */
  readonly error: string | undefined
}

const foreign = `select md5(coalesce(string_agg(r, '|' order by r), '')) as sum from (
  select u::text r from users u where tenant_id <> ${key}
  union all select p::text from posts p where tenant_id <> ${key}
  union all select f::text from folders f where tenant_id <> ${key}
  union all select p::text from pages p where folder_key / 1000 <> ${key}
  union all select r::text from roles r where tenant_id is distinct from ${key}
  union all select t::text from tags t where tenant_id <> ${key}
  union all select d::text from docs d where owner <> 'acme'
  union all select f::text from files f where owner <> '${uuid}') every_row`

/** Runs a statement in every world and takes it back; whether it fails is not compared. */
export async function compare(
  { clients }: Worlds,
  text: string,
  values: readonly unknown[],
): Promise<Comparison> {
  const run = reads.test(text) ? runReading : runWriting
  const outcomes = new Map<string, Outcome>(
    await Promise.all(
      [...clients].map(
        async ([world, client]) => [world, await run(client, text, values)] as const,
      ),
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
  }
  return { leak: undefined, error }
}

/** A statement that cannot write, also not in a query of WITH. */
const reads = /^\s*(?:select|values|\(|with(?![\s\S]*\b(?:insert|update|delete|merge)\b))/i

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
    const before = await sumOf(client)
    const { reply, error } = await runReading(client, text, values)
    if (error !== undefined) return { reply, error, damaged: false }
    return { reply, error, damaged: before !== (await sumOf(client)) }
  } finally {
    await client.query('rollback')
  }
}

async function sumOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ sum: string }>(foreign)
  return rows[0]?.sum ?? ''
}

/** Rows without their order: without a total order it is nobody's promise. */
function replyOf(reply: pg.QueryResult | pg.QueryResult[]): string {
  if (Array.isArray(reply)) return reply.map(replyOf).join('\n')
  const { rows, rowCount } = reply
  const lines = rows.map((row) => JSON.stringify(row)).sort()
  return `${rowCount} ${lines.join('\n')}`
}

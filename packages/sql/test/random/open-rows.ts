import type { Pen } from './pen.ts'
import { targets, textOf } from './relations.ts'

/**
 * Rows of everybody as `i`, `t`, and columns that say whose they are: `o` and `p` an owner, `k` a
 * folder. Only what stands above confines them.
 */
export interface OpenRows {
  readonly text: string
  /** The columns that must all be the tenant's. */
  readonly whose: readonly Whose[]
}

export type Whose = 'o' | 'p' | 'k'

/** A table whose owner, or folder, has this name; its number is `i` and its text `t`. */
export interface NamedRows {
  readonly from: string
  readonly whose: 'o' | 'k'
}

/** Rows of a table, with the column that says whose they are under any name. */
export function namedRows(pen: Pen, alias: string, name: string): NamedRows {
  const { random } = pen
  if (pen.isLive && random.chance(0.35)) {
    return {
      from: random.pick([
        `pages as ${alias} (i, "${name}", t)`,
        `(select folder_key as "${name}", id as i, body as t from pages) as ${alias}`,
      ]),
      whose: 'k',
    }
  }
  const table = random.pick(targets)
  const derived = `(select a.tenant_id as "${name}", a.id as i, a.${textOf[table]} as t from ${table} as a) as ${alias}`
  const renamed = `posts as ${alias} (i, "${name}", u, t)`
  return { from: random.pick([derived, renamed]), whose: 'o' }
}

/** Rows that may be there without what says whose they are: NULL is in no list, and makes NOT IN unknown. */
export function halfRows(pen: Pen): OpenRows {
  const { random } = pen
  pen.uses('rows of everybody without an owner')
  const near = random.pick(['b.id = a.id', 'b.id = a.id', 'b.id > a.id'])
  if (pen.isLive && random.chance(0.4)) {
    return {
      text: `select a.key as i, b.body as t, b.folder_key as k from folders as a left join pages as b on b.folder_key = a.key`,
      whose: ['k'],
    }
  }
  const [left, right] = [random.pick(targets), random.pick(targets)]
  return {
    text: `select a.id as i, b.${textOf[right]} as t, b.tenant_id as o from ${left} as a left join ${right} as b on b.tenant_id = a.tenant_id and ${near}`,
    whose: ['o'],
  }
}

/** Rows that nothing is done to. */
export function plainRows(pen: Pen): OpenRows {
  if (pen.isLive && pen.random.chance(0.5)) {
    return { text: 'select folder_key as k, id as i, body as t from pages', whose: ['k'] }
  }
  const table = pen.random.pick(targets)
  return {
    text: `select a.tenant_id as o, a.id as i, a.${textOf[table]} as t from ${table} as a`,
    whose: ['o'],
  }
}

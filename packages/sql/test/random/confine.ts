import type { Pen } from './pen.ts'
import { nameIn, type Source, type Type } from './relations.ts'

/** Says of an owner column that it is the tenant, directly or through another one. */
export function confine(pen: Pen, source: Source, others: readonly Source[]): string | undefined {
  const { random } = pen
  const { owner } = source
  if (source.table === 'pages') return confinePages(pen, source, others)
  if (owner === undefined || (!pen.isCareful && random.chance(0.12))) return undefined
  if (source.table === 'titles') pen.uses('view')
  if (source.table === 'headings') pen.uses('view of a view')
  const own = nameIn(source, owner)
  const partners = others.filter((other) => other !== source && other.owner?.type === owner.type)
  if (partners.length > 0 && random.chance(0.55)) {
    const partner = random.pick(partners)
    const theirs = partner.owner === undefined ? own : nameIn(partner, partner.owner)
    if (
      source.table === 'folders' &&
      partner.table === 'folders' &&
      pen.isLive &&
      random.chance(0.5)
    ) {
      pen.uses('rows that share a key')
      return `${source.alias}.key = ${partner.alias}.key`
    }
    if (source.table === 'roles' && random.chance(0.5)) {
      pen.uses('shared rows in ON')
      return `(${own} = ${theirs} or ${own} is null)`
    }
    return random.chance(0.5) ? `${own} = ${theirs}` : `${theirs} = ${own}`
  }
  if (source.table === 'folders' && pen.isLive && random.chance(0.5)) {
    return keyOf(pen, `${source.alias}.key`)
  }
  return isTenant(pen, own, owner.type, source.table === 'roles')
}

/** In ways that hold, and unless it is careful in ways that do not. */
function isTenant(pen: Pen, own: string, type: Type, isShared: boolean): string {
  const tenant = (): string => pen.tenant(type)
  const plain = (): string => `${own} = ${tenant()}`
  if (isShared && pen.random.chance(0.5)) {
    pen.uses('shared rows')
    return `(${own} = ${tenant()} or ${own} is null)`
  }
  const holding = [
    plain,
    plain,
    plain,
    plain,
    () => `${tenant()} = ${own}`,
    () => `${own} in (${tenant()}, ${tenant()})`,
    () => `${own} is not distinct from ${tenant()}`,
    () => `${own} = any(array[${pen.typedTenant(type)}])`,
    () => `${own} = any(${pen.tenants(type)})`,
    () => {
      pen.uses('row in a list')
      return `(${own}, 1) = (${tenant()}, 1)`
    },
    () => {
      pen.uses('row in a list')
      return `(${own}, 1) in ((${tenant()}, 1), (${tenant()}, 2))`
    },
    () => `(${own} = ${tenant()} or ${own} in (${tenant()}))`,
    () => `((${own} = ${tenant()} and 1 = 1) or (${tenant()} = ${own} and ${own} is not null))`,
  ]
  if (pen.isCareful) return pen.choose(holding)
  return pen.choose([
    ...holding,
    () => `(${own} = ${tenant()} or ${own} is null)`,
    () => `not (${own} <> ${tenant()})`,
    () => `${own} is null`,
    () => `${own} between ${tenant()} and ${tenant()}`,
    () => `coalesce(${own}, ${tenant()}) = ${tenant()}`,
    () => `(${own} = ${tenant()}) is not false`,
  ])
}

/** Whose a folder is: most say the tenant's. */
function folderRows(pen: Pen): string {
  const isOwn = pen.isCareful || pen.random.chance(0.7)
  return `from folders as f where ${isOwn ? `f.tenant_id = ${pen.tenant('int')}` : 'f.tenant_id > 0'}`
}

/** Says of a folder's key that it is one of the tenant's, in ways that hold and in others. */
export function keyOf(pen: Pen, own: string): string {
  const rows = (): string => folderRows(pen)
  const tenant = (): string => `f.tenant_id = ${pen.tenant('int')}`
  pen.uses('rows that share a key')
  const holding = [
    () => `${own} in (select f.key ${rows()})`,
    () => `${own} = (select f.key ${rows()} order by f.key limit 1)`,
    () => {
      pen.uses('row in a query')
      return `(${own}, 1) in (select f.key, 1 ${rows()})`
    },
    () => `${own} in (select f.key ${rows()} union select f.key ${rows()})`,
    () => `exists (select 1 ${rows()} and f.key = ${own})`,
  ]
  if (pen.isCareful) return pen.choose(holding)
  return pen.choose([
    ...holding,
    () => `${own} = (select max(f.key) ${rows()})`,
    () => `${own} is not distinct from (select f.key ${rows()} and f.key < 0)`,
    () => `(1, ${own}) in (select f.key, 1 ${rows()})`,
    () => `${own} in (select f.key ${rows()} union all select 1001)`,
    () => `${own} in (select q.k from (select f.key as k ${rows()} order by 1 offset 1) as q)`,
    () =>
      `${own} in (select o.key from folders as o left join folders as f on f.key = o.key and ${tenant()})`,
    () =>
      `${own} in (select f.key from folders as o left join folders as f on f.key = o.key and ${tenant()} where f.key is not null and o.tenant_id = 2)`,
  ])
}

/** Says of rows without an owner column whose they are: by the row that they refer to. */
function confinePages(pen: Pen, source: Source, others: readonly Source[]): string | undefined {
  const folders = others.filter(({ table }) => table === 'folders')
  const own = `${source.alias}.folder_key`
  pen.uses('rows that belong to others')
  const twins = others.filter((other) => other.table === 'pages' && other !== source)
  if (twins.length > 0 && pen.random.chance(0.5)) {
    pen.uses('rows that belong to others and share a key')
    return `${pen.random.pick(twins).alias}.number = ${source.alias}.number`
  }
  if (pen.isLive && pen.random.chance(0.25)) return numberOf(pen, `${source.alias}.number`)
  if (folders.length > 0 && pen.random.chance(0.7)) {
    return `${pen.random.pick(folders).alias}.key = ${own}`
  }
  if (pen.random.chance(0.4)) return keyOf(pen, own)
  const rows = (): string => folderRows(pen)
  const holding = [
    () => `${own} in (select f.key ${rows()})`,
    () => `exists (select 1 ${rows()} and f.key = ${own})`,
    () => `${own} = any (select f.key ${rows()} order by f.key limit 1)`,
  ]
  if (pen.isCareful) return pen.choose(holding)
  return pen.choose([
    ...holding,
    () => `${own} in (select max(f.key) ${rows()})`,
    () => `not exists (select 1 ${rows()} and f.key = ${own})`,
    () => `${own} = 2001`,
    () => `(${own} in (select f.key ${rows()}) or ${own} is null)`,
  ])
}

/** Says of a page that it is one that was found, by its number. */
export function numberOf(pen: Pen, own: string): string {
  pen.uses('rows that belong to others and share a key')
  const found = (column = 'p.number'): string =>
    `select ${column} ${folderRows(pen).replace(' where ', ' join pages as p on p.folder_key = f.key where ')}`
  const holding = [
    () => `${own} in (${found()})`,
    () => `${own} = (${found()} order by p.number limit 1)`,
    () =>
      `${own} in (select q.number from (${found('p.number, row_number() over (partition by p.folder_key order by p.number) as n')}) as q where q.n > 1)`,
    () => `exists (${found('1')} and p.number = ${own})`,
  ]
  if (pen.isCareful) return pen.choose(holding)
  return pen.choose([
    ...holding,
    () => `${own} in (${found('p.folder_key + 10')})`,
    () => `${own} not in (${found()})`,
    () => `${own} in (select number from pages order by number limit 2)`,
    () => `${own} = (${found('max(p.number)')})`,
  ])
}

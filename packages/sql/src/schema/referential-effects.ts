import type { CatalogueTable, ForeignKey } from './catalogue.ts'
import type { ReferentialEffects } from './live-table.ts'
import { firstOf, keyOf, type Reference, type TableGraph } from './table-graph.ts'
import type { Relation } from './tenant-schema.ts'
import { throughKey } from './through-keys.ts'

/** Whose rows a table holds, also where only the table that it is a partition of is declared. */
type Declared = (key: string) => Relation | undefined

/**
 * What deleting and changing rows of a table does to rows that refer to them. CASCADE, SET NULL and
 * SET DEFAULT reach whatever row has the key, whoever owns it, so each must also compare owners.
 */
export function referentialEffects(
  key: string,
  graph: TableGraph,
  declared: Declared,
): ReferentialEffects {
  const answers = new Map<string, string | undefined>()
  let seen = new Set<string>()

  /** Within one question every table is visited once: a circle of keys adds nothing. */
  function once(place: string, answer: () => string | undefined): string | undefined {
    if (seen.has(place)) return undefined
    seen.add(place)
    return answer()
  }
  function ask(question: string, answer: () => string | undefined): string | undefined {
    if (!answers.has(question)) {
      seen = new Set()
      answers.set(question, answer())
    }
    return answers.get(question)
  }
  function deleting(from: string): string | undefined {
    return once(from, () =>
      firstOf(graph.references(from), (reference) => {
        const { foreignKey } = reference
        if (!changesRows(foreignKey.onDelete)) return undefined
        const { onDelete: action, cleared } = foreignKey
        return (
          unpaired(reference, { set: action === 'cascade' ? [] : cleared, action }) ??
          (action === 'cascade' ? deleting(reference.from) : updating(reference.from, cleared))
        )
      }),
    )
  }
  function updating(from: string, columns: readonly string[]): string | undefined {
    const owner = ownerOf(declared(from))
    const set = columns.filter((column) => column !== owner)
    if (set.length === 0) return undefined
    const family = graph.family(from)
    // What is computed from a column changes with it.
    const changed = [...new Set([...set, ...family.flatMap(computed)])].sort()
    return once(`${from} ${JSON.stringify(changed)}`, () => {
      // Moving a row to another partition deletes it from the one that a key may refer to.
      const moved = family.some((table) =>
        table.partitionKey.some((key) => key === null || changed.includes(key)),
      )
      return (moved ? deleting(from) : undefined) ?? followed(from, changed)
    })
  }
  function followed(from: string, changed: readonly string[]): string | undefined {
    return firstOf(graph.references(from), (reference) => {
      const { foreignKey } = reference
      const touched = foreignKey.columns.filter((_, i) =>
        changed.includes(foreignKey.referencedColumns[i] ?? ''),
      )
      if (touched.length === 0 || !changesRows(foreignKey.onUpdate)) return undefined
      // SET NULL and SET DEFAULT change the whole key, CASCADE what has changed in the other.
      const set = foreignKey.onUpdate === 'cascade' ? touched : foreignKey.columns
      return (
        unpaired(reference, { set, action: foreignKey.onUpdate }) ?? updating(reference.from, set)
      )
    })
  }
  /** Why the action can reach a row of another tenant, or take a row away from its own. */
  function unpaired(
    { from, foreignKey }: Reference,
    { set, action }: { readonly set: readonly string[]; readonly action: ForeignKey['onDelete'] },
  ): string | undefined {
    const { name, references: to, columns, referencedColumns } = foreignKey
    const child = declared(from)
    const parent = declared(to)
    const ruled = graph.family(from).find(({ rules }) => rules.length > 0)
    if (ruled !== undefined) {
      return `${name} changes rows of ${keyOf(ruled)}, whose rules put other statements in the place of that`
    }
    if (child?.table.kind === 'global' && child.table.writable) return undefined
    if (action === 'cascade' && isOwnKey(from, foreignKey)) return undefined
    const says = `${from} refers to ${to} by ${name}`
    const owner = ownerOf(child)
    if (owner === undefined) {
      return `${says}, and its rows would change with it: nothing declares them the tenant's`
    }
    const position = columns.indexOf(owner)
    const isPaired =
      position >= 0 &&
      referencedColumns[position] === ownerOf(parent) &&
      child?.tenantKey === parent?.tenantKey
    if (!isPaired) {
      const mending = position >= 0 ? '' : pairedKey(foreignKey, owner, ownerOf(parent))
      return `${says}, which does not compare their owners: other tenants' rows may change${mending}`
    }
    return set.includes(owner) ? `${says}, which would change the owner` : undefined
  }
  /** A row that is owned through this very key goes with its owner. */
  function isOwnKey(from: string, foreignKey: ForeignKey): boolean {
    const { columns, referencedColumns, references: to } = foreignKey
    const [column] = columns
    const child = declared(from)
    const table = graph.table(from)
    if (child?.table.kind !== 'through' || table === undefined || column === undefined) return false
    if (!child.table.through.includes(column)) return false
    const found = throughKey(table, column, graph, declared)
    if (typeof found === 'string' || found.parent !== graph.root(to)) return false
    return columns.length === 1 && referencedColumns[0] === found.parentColumn
  }
  return {
    onDelete: () => ask('', () => deleting(key)),
    onUpdate: (columns) => ask(JSON.stringify([...columns].sort()), () => updating(key, columns)),
  }
}

/** The key that compares owners, as words after what is wrong. */
function pairedKey(
  { columns, references, referencedColumns }: ForeignKey,
  owner: string,
  other: string | undefined,
): string {
  if (other === undefined) return ''
  const [own, others] = [[owner, ...columns].join(', '), [other, ...referencedColumns].join(', ')]
  return `; make it FOREIGN KEY (${own}) REFERENCES ${references} (${others})`
}

function computed({ columns }: CatalogueTable): readonly string[] {
  return columns.filter(({ generated }) => generated === 'stored').map(({ name }) => name)
}

function changesRows(action: ForeignKey['onDelete']): boolean {
  return action !== 'no_action' && action !== 'restrict'
}

function ownerOf(relation: Relation | undefined): string | undefined {
  return relation?.table.kind === 'owner' ? relation.table.column : undefined
}

export type Type = 'int' | 'text' | 'uuid'

export interface Column {
  readonly name: string
  readonly type: Type
}

/** A relation in scope, under its alias. */
export interface Source {
  readonly alias: string
  readonly columns: readonly Column[]
  /** Its owner column, where it has one under this name. */
  readonly owner?: Column
  readonly table?: string
}

export interface Query {
  readonly text: string
  readonly columns: readonly Column[]
  readonly owner?: Column
  /** Whose rows it has, with their key under its own name. */
  readonly table?: string
}

export const int = (name: string): Column => ({ name, type: 'int' })
export const text = (name: string): Column => ({ name, type: 'text' })

type Columns = Pick<Source, 'columns' | 'owner'>
const owner = int('tenant_id')

const tables: Readonly<Record<string, Columns>> = {
  users: {
    columns: [int('id'), owner, text('name'), int('country'), int('boss_id')],
    owner,
  },
  posts: { columns: [int('id'), owner, int('user_id'), text('title'), int('score')], owner },
  tags: { columns: [int('id'), owner, int('post_id'), text('label')], owner },
  docs: { columns: [int('id'), text('owner'), text('body'), int('n')], owner: text('owner') },
  files: { columns: [int('id'), text('name')], owner: { name: 'owner', type: 'uuid' } },
  countries: { columns: [int('id'), text('name')] },
  folders: { columns: [int('key'), owner, text('name')], owner },
  pages: { columns: [int('id'), int('folder_key'), text('body'), int('number')] },
  roles: { columns: [int('id'), owner, text('name')], owner },
  titles: { columns: [int('id'), owner, text('title'), text('name')], owner },
  headings: { columns: [int('id'), owner, text('title')], owner },
}
const tableNames = Object.keys(tables)
/** Of these the proof knows enough without a catalogue. */
const declaredNames = ['users', 'posts', 'tags', 'docs', 'files', 'countries', 'folders', 'roles']

export const namesFor = (isLive: boolean): readonly string[] =>
  isLive ? tableNames : declaredNames

/** Tables that statements write. */
export const targets = ['users', 'posts', 'tags'] as const
/** A column of text of each. */
export const textOf = { users: 'name', posts: 'title', tags: 'label' } as const

export function sourceOf(alias: string, of: Columns, table?: string): Source {
  return {
    alias,
    columns: of.columns,
    ...(of.owner === undefined ? {} : { owner: of.owner }),
    ...(table === undefined ? {} : { table }),
  }
}

export function tableSource(table: string, alias: string = table): Source {
  return sourceOf(alias, tables[table] ?? { columns: [] }, table)
}

export const nameIn = (source: Source, column: Column): string => `${source.alias}.${column.name}`

/** The columns of these relations, by type. */
export function columnsIn(sources: readonly Source[], type: Type): readonly string[] {
  return sources.flatMap((source) =>
    source.columns.filter((column) => column.type === type).map((column) => nameIn(source, column)),
  )
}

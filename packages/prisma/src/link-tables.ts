import { oppositeOf } from './owned-models.ts'
import type { PrismaModels } from './prisma-schema.ts'

/** The table that Prisma makes for a relation of many rows to many: `_PostToTag`. */
export interface LinkTable {
  readonly table: string
  readonly schema: string | undefined
  /** The keys, with the models that they refer to. */
  readonly columns: readonly { readonly column: string; readonly model: string }[]
}

/** The tables of relations that are lists on both sides: no model stands for them. */
export function linkTables(models: PrismaModels): readonly LinkTable[] {
  const found = new Map<string, LinkTable>()
  for (const model of models.values()) {
    for (const field of model.fields.values()) {
      const opposite = field.isList ? oppositeOf(models, model, field) : undefined
      if (opposite?.isList !== true) continue
      // The first in the alphabet is A, and gives the table its schema.
      const [a = '', b = ''] = [model.name, field.type].sort()
      const table = `_${field.relation?.name ?? `${a}To${b}`}`
      const columns = [
        { column: 'A', model: a },
        { column: 'B', model: b },
      ]
      const schema = models.get(a)?.schema
      found.set(`${schema} ${table}`, { table, schema, columns })
    }
  }
  return [...found.values()]
}

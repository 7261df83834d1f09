import { aTenantSchema } from './expected.ts'
import { inOptions, inSchema } from './guard/given.ts'
import { explainProof as explain, type ProofLine } from './proof/explain-proof.ts'
import type { TenantSchema } from './schema/tenant-schema.ts'

/**
 * Says for a person which condition confines which relation of a text, or which one is open.
 * @throws {@link SqlGuardError} `sql.options` for what is no text, `sql.schema` for what is no schema
 */
export async function explainProof(
  text: string,
  schema: TenantSchema,
): Promise<readonly ProofLine[]> {
  const fits = (value: unknown): boolean => typeof value === 'string'
  inOptions.value('text', text, { words: 'a statement', fits })
  inSchema.value('schema', schema, aTenantSchema)
  return explain(text, schema)
}

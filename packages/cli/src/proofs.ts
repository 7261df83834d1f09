import type { ProofLine, TenantSchema } from '@partywall/sql'

/** What was found out about one statement. */
export interface StatementProof {
  readonly file?: string
  readonly line: number
  readonly column: number
  /** Any of its relations is open. */
  readonly open: boolean
  /** None, where it names no table of a tenant. */
  readonly relations: readonly ProofLine[]
}

/** Proves each statement of a text by itself. */
export async function proveText(
  text: string,
  schema: TenantSchema,
  file?: string,
): Promise<readonly StatementProof[]> {
  const { explainProof, splitStatements } = await import('@partywall/sql')
  const proofs: StatementProof[] = []
  for (const { text: statement, line, column } of await splitStatements(text)) {
    const relations = await explainProof(statement, schema)
    const open = relations.some((each) => each.open)
    proofs.push({ ...(file === undefined ? {} : { file }), line, column, open, relations })
  }
  return proofs
}

/** How many statements there are, and how many of them are open: what `--json` begins with. */
export function countProofs(proofs: readonly StatementProof[]): {
  readonly statements: number
  readonly open: number
} {
  return { statements: proofs.length, open: proofs.filter(({ open }) => open).length }
}

/** What was found out about a relation, for a person. */
export function sentenceOf({ says, obstacle }: ProofLine): string {
  return obstacle === undefined || obstacle === '' ? says : `${says}: ${obstacle}`
}

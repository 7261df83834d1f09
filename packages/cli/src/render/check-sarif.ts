import { createHash } from 'node:crypto'
import type { ProofLine } from '@partywall/sql'
import { type StatementProof, sentenceOf } from '../proofs.ts'

/** Why a relation is open, by the id that a result carries. Ids are stable. */
const rules = {
  open: 'A statement reads or writes rows of a tenant that nothing confines.',
  foreign_value: 'A statement names another value than its tenant.',
  tenant_write: 'A statement writes rows that are not of its tenant alone.',
  opaque: 'A statement cannot be read.',
  unknown_relation: 'A statement names a table that nobody declared.',
  unsupported: 'A statement holds something that the proof does not model.',
  unparsable: 'PostgreSQL does not read the statement.',
} as const satisfies Readonly<Record<'open' | NonNullable<ProofLine['detail']>, string>>

type Rule = keyof typeof rules

/** Open statements as SARIF 2.1.0, beside their files; the same fingerprint when lines move. */
export function checkSarif(
  proofs: readonly StatementProof[],
  uris: ReadonlyMap<string, string>,
): object {
  const ids = Object.keys(rules)
  const seen = new Map<string, number>()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'partywall sql check',
            rules: Object.entries(rules).map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        columnKind: 'unicodeCodePoints',
        results: proofs.flatMap(({ file = '', line, column, relations }) =>
          relations
            .filter(({ open }) => open)
            .map((relation) => {
              const ruleId: Rule = relation.detail ?? 'open'
              const uri = uris.get(file) ?? file
              const identity = [ruleId, uri, relation.model, sentenceOf(relation)].join('\n')
              const count = (seen.get(identity) ?? 0) + 1
              seen.set(identity, count)
              return {
                ruleId,
                ruleIndex: ids.indexOf(ruleId),
                level: 'error',
                message: { text: sentenceOf(relation) },
                locations: [
                  {
                    physicalLocation: {
                      artifactLocation: { uri },
                      region: { startLine: line, startColumn: column },
                    },
                  },
                ],
                partialFingerprints: {
                  'partywall/1': createHash('sha256')
                    .update(`${identity}\n${count}`)
                    .digest('hex')
                    .slice(0, 32),
                },
              }
            }),
        ),
      },
    ],
  }
}

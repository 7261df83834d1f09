import { type Paint, pageWidth, printable, table, wrap } from '../layout.ts'
import { countProofs, type StatementProof, sentenceOf } from '../proofs.ts'

/** Every relation of every statement, and what confines it or would close it. */
export function proofLines(proofs: readonly StatementProof[], paint: Paint): readonly string[] {
  const rows = proofs.flatMap(({ line, relations }) => {
    if (relations.length === 0) {
      return [
        [String(line), { text: 'passes', tone: 'good' as const }, 'it names no table of a tenant'],
      ]
    }
    return relations.map((relation) => [
      String(line),
      relation.open
        ? { text: 'open', tone: 'bad' as const }
        : { text: 'confined', tone: 'good' as const },
      sentenceOf(relation),
    ])
  })
  return [...table(['line', 'verdict', 'relation'], rows, paint), '', countLine(proofs, paint)]
}

/** The open statements of files by their places, each with what would close it. */
export function checkLines(
  proofs: readonly StatementProof[],
  files: number,
  paint: Paint,
): readonly string[] {
  return [
    ...proofs
      .filter(({ open }) => open)
      .flatMap(({ file = '', line, column, relations }) => [
        paint(`${printable(file)}:${line}:${column}`, 'strong'),
        ...relations
          .filter(({ open }) => open)
          .flatMap((relation) => wrap(sentenceOf(relation), pageWidth - 2))
          .map((text) => `  ${text}`),
      ]),
    countLine(proofs, paint, ` in ${counted(files, 'file')}`),
  ]
}

function countLine(proofs: readonly StatementProof[], paint: Paint, where = ''): string {
  const { statements, open } = countProofs(proofs)
  const says = open === 0 ? 'none of them open' : `${open} of them open`
  return paint(`${counted(statements, 'statement')}${where}, ${says}`, open === 0 ? 'good' : 'bad')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

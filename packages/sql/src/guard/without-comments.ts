import { tokensOf } from '../parse/lexer.ts'
import { isComment } from './statement-shape.ts'

const onlyAscii = /^[\t-~]*$/

/**
 * The text with a space in the place of each comment, as PostgreSQL's lexer finds them; the text
 * itself where it has none, where the lexer fails, or where its offsets would not be characters.
 */
export function withoutComments(text: string): string {
  if (!(text.includes('--') || text.includes('/*')) || !onlyAscii.test(text)) return text
  try {
    let bare = ''
    let end = 0
    let before = ''
    let commented = false
    for (const token of tokensOf(text)) {
      if (isComment(token)) {
        bare += `${text.slice(end, token.start)} `
        end = token.end
        commented = true
        continue
      }
      // Two strings with white space between them can be one: here a comment is more than a space.
      if (commented && before.endsWith(`'`) && token.text.startsWith(`'`)) return text
      before = token.text
      commented = false
    }
    return bare + text.slice(end)
  } catch {
    return text
  }
}

import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'

type HeaderList = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * Marks the answer to an admitted request as this caller's alone, at the moment its headers are
 * sent: whatever the application set before, no shared cache may serve it to another tenant.
 */
export function keepPrivate(response: ServerResponse, vary: readonly string[]): void {
  const writeHead = response.writeHead
  response.writeHead = function writePrivateHead(
    status: number,
    reasonOrHeaders?: string | HeaderList,
    headers?: HeaderList,
  ): ServerResponse {
    const reason = typeof reasonOrHeaders === 'string' ? reasonOrHeaders : undefined
    const given = typeof reasonOrHeaders === 'string' ? headers : (reasonOrHeaders ?? headers)
    // Given here they would replace what is set below.
    for (const [name, value] of entriesOf(given)) response.setHeader(name, value)
    const ownControl = textOf(response.getHeader('cache-control'))
    response.setHeader('Cache-Control', privately(ownControl))
    const varying = merge(textOf(response.getHeader('vary')), vary)
    if (varying !== '') response.setHeader('Vary', varying)
    if (reason !== undefined) response.statusMessage = reason
    // The overload that takes a status alone.
    return (writeHead as (status: number) => ServerResponse).call(response, status)
  }
}

/** `public` and `s-maxage` invite shared caches; the rest of what the application said stays. */
function privately(control: string): string {
  const kept = control
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive !== '' && !/^(?:public|s-maxage(?:\s*=.*)?)$/i.test(directive))
  const closed = kept.some((directive) => /^(?:private|no-store)$/i.test(directive))
  return (closed ? kept : ['private', ...kept]).join(', ')
}

function merge(own: string, fields: readonly string[]): string {
  const names = own
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const known = names.map((name) => name.toLowerCase())
  if (known.includes('*')) return '*'
  return [...names, ...fields.filter((field) => !known.includes(field))].join(', ')
}

/** Node takes a map, a flat list of names and values, or a list of pairs. */
function entriesOf(
  given: HeaderList | undefined,
): readonly (readonly [string, number | string | readonly string[]])[] {
  if (given === undefined) return []
  const pairs: (readonly [string, OutgoingHttpHeader | undefined])[] = []
  if (!Array.isArray(given)) pairs.push(...Object.entries(given))
  else if (Array.isArray(given[0])) {
    for (const pair of given) if (Array.isArray(pair)) pairs.push([String(pair[0]), pair[1]])
  } else {
    for (let at = 0; at < given.length; at += 2) pairs.push([String(given[at]), given[at + 1]])
  }
  const joined = new Map<string, readonly [string, number | string | readonly string[]]>()
  for (const [name, value] of pairs) {
    if (value === undefined) continue
    const before = joined.get(name.toLowerCase())
    const all = before === undefined ? value : [before[1], value].flat().map(String)
    joined.set(name.toLowerCase(), [name, all])
  }
  return [...joined.values()]
}

function textOf(value: number | string | readonly string[] | undefined): string {
  return value === undefined ? '' : [value].flat().join(', ')
}

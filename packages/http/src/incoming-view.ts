import type { IncomingMessage } from 'node:http'
import type { RequestView } from './request-view.ts'

/** Where Node stops handing over fields, unless the server says otherwise. */
const defaultMaxHeaders = 1000

/**
 * The view of a Node request, from its raw fields. `undefined` when what was received cannot be
 * told: at the server's limit Node drops fields silently, and where `headers` differs from the raw
 * fields the application would see another tenant than the boundary.
 */
export function viewOf(
  request: IncomingMessage,
  target: string,
  fields: readonly string[],
): RequestView | undefined {
  const { rawHeaders, headers } = request
  const maxHeaders = maxHeadersOf(request)
  if (maxHeaders > 0 && rawHeaders.length >= maxHeaders * 2) return undefined
  const values = new Map<string, string[]>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    const before = values.get(name)
    if (before === undefined) values.set(name, [value])
    else before.push(value)
  }
  for (const field of fields) {
    const raw = values.get(field) ?? []
    if (raw.length < 2 && headers[field] !== raw[0]) return undefined
  }
  return {
    method: request.method ?? '',
    target,
    peer: request.socket.remoteAddress,
    all: (name) => values.get(name) ?? [],
  }
}

function maxHeadersOf({ socket }: IncomingMessage): number {
  const server: unknown = 'server' in socket ? socket.server : undefined
  if (typeof server !== 'object' || server === null || !('maxHeadersCount' in server)) {
    return defaultMaxHeaders
  }
  return typeof server.maxHeadersCount === 'number' ? server.maxHeadersCount : defaultMaxHeaders
}

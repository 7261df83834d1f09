/** What both versions of Express keep on a request about its route. */
export interface RoutedRequest {
  readonly originalUrl: string
  baseUrl?: string | undefined
  params?: Readonly<Record<string, unknown>> | undefined
  route?: { readonly path?: unknown } | undefined
}

/**
 * Follows a request through routers, and tells the pattern of the route it reached. Express keeps
 * the mount path of a router only as it was sent, with the values of its parameters; here each
 * segment that carries one is put back to its name, while the parameters of that mount are known.
 */
export function routePatternOf(request: RoutedRequest): () => string | undefined {
  let baseUrl = request.baseUrl
  const start = baseUrl ?? ''
  const patterns = new Map([
    ['', ''],
    [start, patternOf(start, request.params)],
  ])
  Object.defineProperty(request, 'baseUrl', {
    configurable: true,
    enumerable: true,
    get: () => baseUrl,
    // Express takes it away again when nothing answered.
    set(next: string | undefined) {
      const before = baseUrl ?? ''
      baseUrl = next
      if (next === undefined || patterns.has(next)) return
      const inside = next.startsWith(before)
      const added = patternOf(inside ? next.slice(before.length) : next, request.params)
      patterns.set(next, (inside ? (patterns.get(before) ?? '') : '') + added)
    },
  })
  let route = request.route
  let prefix = patterns.get(start) ?? ''
  // Kept when it is matched: an error handler runs after the routers have taken their paths back.
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set(next: RoutedRequest['route']) {
      route = next
      prefix = patterns.get(baseUrl ?? '') ?? ''
    },
  })
  return () => (route?.path === undefined ? undefined : joined(prefix, route.path))
}

function patternOf(path: string, params: RoutedRequest['params'] = {}): string {
  const values = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().flatMap((one) =>
      String(one)
        .split('/')
        .map((text) => ({ name, text })),
    ),
  )
  const segments = path.split('/')
  const texts = segments.map(decoded)
  for (const { name, text } of values) {
    if (text === '') continue
    // A parameter may also be a part of its segment.
    const whole = texts.includes(text)
    texts.forEach((own, index) => {
      if (whole ? own === text : own.includes(text)) segments[index] = `:${name}`
    })
  }
  return segments.join('/')
}

function joined(prefix: string, path: unknown): string {
  if (Array.isArray(path)) return path.map((one) => joined(prefix, one)).join(',')
  const own = String(path)
  return own === '/' && prefix !== '' ? prefix : prefix + own
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

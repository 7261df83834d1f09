import type { KeyObject } from 'node:crypto'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { LeakKind } from '../leaks/leak.ts'
import type { Release } from '../releases/release.ts'
import type { Identify } from './caller.ts'
import type { Database } from './database.ts'
import { answerFailure } from './failures.ts'
import type { Call, Route } from './handler.ts'
import { loginHandler } from './login.ts'
import { routesOf } from './routes.ts'

/** What stands between the network and the handlers. */
export interface Boundary {
  /** Runs before everything else; `[]` where there is no wall. */
  readonly before: readonly RequestHandler[]
  readonly identify: Identify
  /** The tenant that a login is for. */
  readonly loginTenant: (request: express.Request) => string | undefined
  /** Turns what a wall threw into an answer; `[]` where there is no wall. */
  readonly onError: readonly ErrorRequestHandler[]
}

export interface AppOptions {
  readonly instance: string
  readonly release: Release
  readonly mended: readonly LeakKind[]
  readonly database: Database
  readonly boundary: Boundary
  /** What tokens are signed with. */
  readonly tokenKey: KeyObject
  readonly now: () => number
  /** What Prometheus reads. */
  readonly metrics: () => Promise<string>
}

/** The service: its endpoints in the version of this release, behind the boundary it was given. */
export function createApp(options: AppOptions): Express {
  const { boundary, database, tokenKey } = options
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((request, response, next) => {
    response.setHeader('x-instance', options.instance)
    response.setHeader('x-release', options.release.name)
    const requestId = request.headers['x-request-id']
    if (typeof requestId === 'string') response.setHeader('x-request-id', requestId)
    next()
  })
  app.get('/metrics', async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await options.metrics())
  })
  for (const handler of boundary.before) app.use(handler)
  app.use(express.json())
  app.post('/api/auth/login', loginHandler(database, tokenKey, boundary.loginTenant))
  for (const route of routesOf(options.release, options.mended)) {
    app[lowerCase(route.method)](route.path, endpoint(route, options))
  }
  app.use((_request, response) => {
    response.status(404).json({ error: 'not found' })
  })
  for (const handler of boundary.onError) app.use(handler)
  app.use(answerFailure)
  return app
}

function endpoint({ handler }: Route, { boundary, database, now }: AppOptions): RequestHandler {
  return async (request, response) => {
    const caller = await boundary.identify(request)
    if (caller === undefined) {
      response.status(401).json({ error: 'a bearer token is needed' })
      return
    }
    const call: Call = {
      ...caller,
      params: texts(request.params),
      query: texts(request.query),
      // Parsed by express.json(): an object, or nothing at all.
      body: (request.body ?? {}) as Record<string, unknown>,
      client: request.headers['x-client'] === 'legacy' ? 'legacy' : 'current',
      now: new Date(now()),
    }
    const reply = await handler(database, call)
    response.status(reply.status).json(reply.body)
  }
}

/** The texts among the values: a repeated field is no text. */
function texts(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

const methods = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const

function lowerCase(method: Route['method']): (typeof methods)[Route['method']] {
  return methods[method]
}

import type { KeyObject } from 'node:crypto'
import express, { type Express, type RequestHandler } from 'express'
import type { Boundary } from '../../rollout-journey/src/service/app.ts'
import { answerFailure } from '../../rollout-journey/src/service/failures.ts'
import type { Client } from './guarded-client.ts'
import type { Call, Route } from './handler.ts'
import { loginHandler } from './login.ts'

export interface AppOptions {
  readonly prisma: Client
  readonly routes: readonly Route[]
  readonly boundary: Boundary
  /** What tokens are signed with. */
  readonly tokenKey: KeyObject
  readonly now: () => number
}

const methods = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const

/** The endpoints behind the boundary. */
export function createApp(options: AppOptions): Express {
  const { prisma, routes, boundary, tokenKey } = options
  const app = express()
  app.disable('etag')
  app.use((request, response, next) => {
    const requestId = request.headers['x-request-id']
    if (typeof requestId === 'string') response.setHeader('x-request-id', requestId)
    next()
  })
  for (const handler of boundary.before) app.use(handler)
  app.use(express.json())
  app.post('/api/auth/login', loginHandler(prisma, tokenKey))
  for (const route of routes) app[methods[route.method]](route.path, endpoint(route, options))
  for (const handler of boundary.onError) app.use(handler)
  app.use(answerFailure)
  return app
}

function endpoint({ handler }: Route, { prisma, boundary, now }: AppOptions): RequestHandler {
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
      client: 'current',
      now: new Date(now()),
    }
    const reply = await handler(prisma, call)
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

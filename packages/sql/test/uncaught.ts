import { beforeEach, onTestFinished } from 'vitest'

/** What would have ended the process, had nobody been there: of the test that runs. */
export function hearUncaught(): { readonly heard: readonly unknown[] } {
  let heard: unknown[] = []
  beforeEach(() => {
    heard = []
    const others = process.listeners('uncaughtException')
    const hear = (error: unknown): void => void heard.push(error)
    process.removeAllListeners('uncaughtException').on('uncaughtException', hear)
    onTestFinished(() => {
      process.off('uncaughtException', hear)
      for (const each of others) process.on('uncaughtException', each)
    })
  })
  return {
    get heard() {
      return heard
    },
  }
}

import { startLiveWorld } from '../live-world.ts'
import { startWorlds } from '../world.ts'
import { databases } from './live/databases.ts'
import type { Catalogues } from './misjudged.ts'

/** Reads of real servers what the corpus is judged by. */
export async function readCatalogues(): Promise<Catalogues> {
  const worlds = await startWorlds()
  try {
    const live = await startLiveWorld()
    try {
      const others = []
      for (const { change } of databases) others.push(await live.catalogueAfter(change))
      const liveWorld = await live.catalogueAfter('select 1')
      return { declaredWorld: worlds.catalogue, liveWorld, others }
    } finally {
      await live.stop()
    }
  } finally {
    await worlds.stop()
  }
}

import type { Story } from './story.ts'

/** Keeps the service and the load running until somebody presses Ctrl-C. */
export async function serve(story: Story): Promise<void> {
  const { page } = story
  page.line('not yet')
}

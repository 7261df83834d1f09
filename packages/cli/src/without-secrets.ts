/** A text that came from elsewhere, without the user and password of any URL in it. */
export function withoutSecrets(text: string): string {
  // Greedy: a password may hold @ and /, and too much is better hidden than too little.
  return text.replace(/(?<!file:\/?)\/\/[^\s"'`]*@/g, '//')
}

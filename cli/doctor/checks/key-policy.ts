/** What a key's policy allows, without its conditions: those are the reader's to judge. */
export class KeyPolicy {
  private readonly statements: readonly Statement[];

  constructor(document: string) {
    this.statements = [JSON.parse(document).Statement].flat().filter(({ Effect }: Statement) => Effect === 'Allow');
  }

  /**
   * The actions that no statement allows.
   *
   * @param kind how a policy names such a principal
   * @param principals names of which any will do
   */
  missing(kind: 'AWS' | 'Service', principals: readonly string[], actions: readonly string[]): string[] {
    const allowed = this.statements.filter((statement) => names(statement, kind).some((name) => (
      name === '*' || principals.includes(name)))).flatMap(({ Action = [] }) => Action);
    return actions.filter((action) => !allowed.some((pattern) => matches(pattern, action)));
  }
}

interface Statement {
  readonly Effect: string;
  readonly Principal?: string | { readonly [kind: string]: string | string[] };
  readonly Action?: string | string[];
}

function names({ Principal = {} }: Statement, kind: string): string[] {
  return typeof Principal === 'string' ? [Principal] : [Principal[kind] ?? []].flat();
}

/** Of the wildcards, policies of keys use the asterisk at the end: `kms:*`, `kms:ReEncrypt*`. */
function matches(pattern: string, action: string): boolean {
  const [one, other] = [pattern.toLowerCase(), action.toLowerCase()];
  return one.endsWith('*') ? other.startsWith(one.slice(0, -1)) : one === other;
}

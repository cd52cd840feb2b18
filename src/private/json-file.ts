import { readFileSync, statSync } from 'fs';
import * as path from 'path';
import { findNodeAtLocation, Node, parseTree, ParseError, printParseErrorCode } from 'jsonc-parser';

/** A JSON file that knows the line and column of each value. */
export class JsonFile {
  /** The parsed content. */
  public readonly value: unknown;

  private readonly text: string;
  private readonly tree: Node;

  /**
   * @param name path of the file, relative to the working directory
   * @throws if the file is missing or not JSON, or if an object has a property twice
   */
  constructor(private readonly name: string) {
    const found = statSync(name, { throwIfNoEntry: false });
    if (!found?.isFile()) {
      throw new Error(`'${name}' ${found ? 'is not a file' : 'does not exist'}, looked for: ${path.resolve(name)}; `
        + `write a path that is absolute or relative to ${process.cwd()}`);
    }
    this.text = readFileSync(name, 'utf-8').replace(/^\uFEFF/, '');
    const errors: ParseError[] = [];
    this.tree = parseTree(this.text, errors, { disallowComments: true })!; // what is empty has an error
    if (errors.length) throw new Error(`${this.position(errors[0].offset)} is not JSON: ${reason(errors[0])}`);
    const twice = propertyTwice(this.tree);
    if (twice) {
      throw new Error(`${this.position(twice.offset)} has the property ${twice.value} a second time; delete one`);
    }
    this.value = JSON.parse(this.text);
  }

  /** `customers.json:4:19`: the line and column of a value, which must be in the file. */
  public locate(where: ReadonlyArray<string | number>): string {
    return this.position(findNodeAtLocation(this.tree, [...where])!.offset);
  }

  private position(offset: number): string {
    const lines = this.text.slice(0, offset).split('\n');
    return `${this.name}:${lines.length}:${lines[lines.length - 1].length + 1}`;
  }
}

/** `CommaExpected` in words. */
function reason(error: ParseError): string {
  return printParseErrorCode(error.error).replace(/(?<=[a-z])[A-Z]/g, ' $&').toLowerCase();
}

/** The first duplicate property name in an object. JSON.parse would silently take the last value. */
function propertyTwice(node: Node): Node | undefined {
  const children = node.children ?? [];
  const names = node.type === 'object' ? children.map((property) => property.children![0]) : [];
  const known = new Set<string>();
  const found = names.find((name) => known.size === known.add(name.value).size);
  return found ?? children.reduce<Node | undefined>((earlier, child) => earlier ?? propertyTwice(child), undefined);
}

/** The package names a file of types that it does not contain. */
declare module 'asl-validator' {
  interface Options { readonly checkPaths: boolean; readonly checkArn: boolean }
  interface Verdict { readonly isValid: boolean; errorsText(separator?: string): string }
  export default function validate(definition: unknown, options: Options): Verdict;
}

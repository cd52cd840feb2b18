import { Duration } from 'aws-cdk-lib';

/** The lake looks for silent feeds once an hour. What comes less often than once a year is no feed. */
const [SHORTEST, LONGEST] = [Duration.hours(1), Duration.days(366)];

/**
 * What is wrong with an `expectedEvery` that has the form that the schema of customers.json asks for; undefined if
 * nothing is.
 */
export function expectedEveryProblem(text: string): string | undefined {
  const minutes = Duration.parse(text).toMinutes();
  if (minutes >= SHORTEST.toMinutes() && minutes <= LONGEST.toMinutes()) return undefined;
  const nearest = minutes < SHORTEST.toMinutes() ? SHORTEST : LONGEST;
  return `must be 1 hour to 366 days, got: "${text}"; write "${nearest.toIsoString()}"`;
}

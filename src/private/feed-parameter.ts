import { Duration } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { Customer } from '../customer';
import { errorAt } from './errors';
import { feedsPath } from './naming';

/**
 * Of a standard parameter.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
const LONGEST_VALUE = 4_096;

export interface FeedParameterProps {
  readonly organization: string;
  readonly environment: string;
  readonly customer: Customer;
}

/** True if any dataset of any customer has an `expectedEvery`. */
export function hasFeeds(customers: Customer[]): boolean {
  return customers.some((customer) => Object.keys(minutesOf(customer)).length);
}

/**
 * Names the datasets of a customer that must not fall silent, if there are any, for the lake's check and for operators.
 * It is the customer's own, in its stack, so that no customer changes the lake's check.
 *
 * @throws if they are more than a parameter can hold
 */
export function newFeedParameter(scope: Construct, id: string, props: FeedParameterProps): void {
  const { organization, environment, customer } = props;
  const minutes = minutesOf(customer);
  if (!Object.keys(minutes).length) return;
  const stringValue = JSON.stringify(minutes);
  if (stringValue.length > LONGEST_VALUE) {
    throw errorAt(scope, `the datasets with 'expectedEvery' must be at most ${LONGEST_VALUE} characters as JSON, got: `
      + `${stringValue.length}; leave it out of some of them`);
  }
  new ssm.StringParameter(scope, id, {
    parameterName: `${feedsPath(organization, environment)}/${customer.customerId}`,
    description: `Datasets of ${customer.customerId}, with the longest time between two uploads in minutes`,
    stringValue,
    simpleName: false,
  });
}

function minutesOf({ datasets = [] }: Customer): Record<string, number> {
  return Object.fromEntries(datasets.flatMap(({ name, expectedEvery }) => (
    expectedEvery === undefined ? [] : [[name, Duration.parse(expectedEvery).toMinutes()]])));
}

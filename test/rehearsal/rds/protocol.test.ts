import {
  CreateBlueGreenDeployment$, DBClusterNotFoundFault$, DBClusterParameterGroupNotFoundFault$, DescribeBlueGreenDeployments$, DescribeEvents$,
  ListTagsForResource$,
} from '@aws-sdk/client-rds';
import { readForm, readInput, writeError, writeOutput } from '../../../rehearsal/rds/protocol';
import { fault } from '../../../rehearsal/rds/service-error';

const read = (body: string) => readInput(DescribeEvents$, readForm(`Action=DescribeEvents&Version=2014-10-31&${body}`).members);

describe('reading requests', () => {
  test('reads nested lists, numbers and times by the schema', () => {
    const input = read('Filters.Filter.1.Name=a%26b&Filters.Filter.1.Values.Value.1=x&Filters.Filter.1.Values.Value.2=y&MaxRecords=20&StartTime=2026-11-20T12%3A00%3A00Z&EventCategories=');
    expect(input).toEqual({
      Filters: [{ Name: 'a&b', Values: ['x', 'y'] }], MaxRecords: 20, StartTime: new Date('2026-11-20T12:00:00Z'), EventCategories: [],
    });
  });

  test('reads list items in the order of their numbers', () => {
    const pairs = Array.from({ length: 11 }, (_, index) => `EventCategories.EventCategory.${11 - index}=c${11 - index}`);
    expect(read(pairs.join('&'))).toEqual({ EventCategories: Array.from({ length: 11 }, (_, index) => `c${index + 1}`) });
  });

  test.each([
    ['an unknown member', 'Colour=blue', /no member 'Colour'/],
    ['a wrong list item name', 'Filters.member.1.Name=a', /list of 'Filter' items/],
    ['an unknown member in a list item', 'Filters.Filter.1.Colour=a', /no member 'Colour'/],
    ['a number that is none', 'MaxRecords=many', /integer/],
    ['a time that is none', 'StartTime=yesterday', /ISO 8601/],
    ['a structure for a plain value', 'SourceType.x=y', /plain value/],
  ])('fails for %s', (_, body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  test.each(['Version=2014-10-31', 'Action=DescribeEvents', 'Action=DescribeEvents&Version=2010-01-01'])('fails for %s', (body) => {
    expect(() => readForm(body)).toThrow();
  });

  test('fails for a boolean that is none', () => {
    expect(() => readInput(CreateBlueGreenDeployment$, [['UpgradeTargetStorageConfig', 'yes']])).toThrow(/true or false/);
  });
});

describe('writing answers', () => {
  test('fails for a member the API does not know, at any depth', () => {
    const deployment = { BlueGreenDeploymentIdentifier: 'bgd-1', Tasks: [{ Name: 'X', State: 'PENDING' }] };
    expect(() => writeOutput(DescribeBlueGreenDeployments$, { BlueGreenDeployments: [deployment] }, 'id')).toThrow(/Tasks\[0\].State/);
  });

  test('fails for a value of the wrong type', () => {
    expect(() => writeOutput(ListTagsForResource$, { TagList: [{ Key: 1 }] }, 'id')).toThrow(/TagList\[0\].Key/);
    expect(() => writeOutput(ListTagsForResource$, { TagList: 'none' }, 'id')).toThrow(/list/);
  });

  test('takes error code and status from the schema', () => {
    expect(fault(DBClusterParameterGroupNotFoundFault$, 'x')).toMatchObject({ code: 'DBClusterParameterGroupNotFound', status: 404 });
    expect(fault(DBClusterNotFoundFault$, 'x')).toMatchObject({ code: 'DBClusterNotFoundFault', status: 404 });
    expect(writeError(fault(DBClusterNotFoundFault$, 'a < b'), 'id')).toContain('<Message>a &lt; b</Message>');
  });
});

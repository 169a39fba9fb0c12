import { App } from 'aws-cdk-lib';
import { Utf8mb4Stack } from './utf8mb4-stack';

const app = new App();
new Utf8mb4Stack(app, 'Utf8mb4');

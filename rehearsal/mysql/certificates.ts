import { type CertificateField, generate, type SelfsignedOptions } from 'selfsigned';

/** What a server needs to speak TLS, and a client to verify it; all PEM. */
export interface Certificates {
  /** Certificate of the authority: what clients trust. */
  readonly authority: string;
  /** Certificate of the server, for localhost, 127.0.0.1 and ::1. */
  readonly certificate: string;
  /** Private key of the server. */
  readonly key: string;
}

/** Days until they expire: longer than any rehearsal, shorter than anybody's memory of it. */
const lifetimeDays = 30;

/** Makes a throw-away authority and a server certificate signed by it; the authority's key is forgotten. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await generate(subject('cdk-rds-blue-green rehearsal authority'), {
    ...common(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate(subject('localhost'), {
    ...common(),
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }, { type: 7, ip: '::1' }] },
    ],
  });
  return { authority: authority.cert, certificate: server.cert, key: server.private };
}

function subject(commonName: string): CertificateField[] {
  return [{ name: 'commonName', value: commonName }];
}

function common(): SelfsignedOptions {
  const day = 24 * 60 * 60 * 1000;
  // a day back, so that a clock that differs a little does not matter.
  return { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', notBeforeDate: new Date(Date.now() - day), notAfterDate: new Date(Date.now() + lifetimeDays * day) };
}

// One side of the comparison in peers_test.go: Bouncy Castle's lightweight
// interface for the national algorithms, the JDK for RSA.
//
//   java -cp bcprov.jar:. Peers DIRECTORY
//
// What is in the directory, questions and answers are told in peers.c. The time
// is that of the thread which computes, without the compiler and the garbage
// collector beside it.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cryptopro.ECGOST3410NamedCurves;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.DSA;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.GOST3411Digest;
import org.bouncycastle.crypto.digests.GOST3411_2012_512Digest;
import org.bouncycastle.crypto.engines.GOST28147Engine;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.ECGOST3410Signer;
import org.bouncycastle.crypto.signers.ECGOST3410_2012Signer;
import org.bouncycastle.util.Arrays;
import org.bouncycastle.util.BigIntegers;

public class Peers {
    interface Operation {
        byte[] once() throws Exception;
    }

    static final byte[] NOTHING = {};

    final Map<String, Operation> operations = new HashMap<>();
    final Path dir;

    Peers(Path dir) {
        this.dir = dir;
    }

    byte[] file(String name) throws Exception {
        return Files.readAllBytes(dir.resolve(name));
    }

    void national(String name, String curve, int size) throws Exception {
        X9ECParameters p = ECGOST3410NamedCurves.getByNameX9(curve);
        ECDomainParameters domain = new ECDomainParameters(p.getCurve(), p.getG(), p.getN(), p.getH());
        byte[] digest = file(name + ".digest"), value = file(name + ".signature");
        BigInteger r = little(Arrays.copyOfRange(value, 0, size)), s = little(Arrays.copyOfRange(value, size, 2 * size));

        byte[] scalar = ASN1OctetString.getInstance(PrivateKeyInfo.getInstance(file(name + ".private")).parsePrivateKey()).getOctets();
        DSA signer = signer(size);
        signer.init(true, new ParametersWithRandom(new ECPrivateKeyParameters(little(scalar), domain), new SecureRandom()));
        operations.put("sign-" + name, () -> {
            BigInteger[] rs = signer.generateSignature(digest);
            return Arrays.concatenate(bytes(rs[0], size), bytes(rs[1], size));
        });

        byte[] der = file(name + ".public");
        DSA known = verifier(der, domain, size);
        operations.put("verify-" + name, () -> need(known.verifySignature(digest, r, s)));
        operations.put("verify-" + name + "-first", () -> need(verifier(der, domain, size).verifySignature(digest, r, s)));
    }

    static DSA signer(int size) {
        return size == 32 ? new ECGOST3410Signer() : new ECGOST3410_2012Signer();
    }

    static DSA verifier(byte[] der, ECDomainParameters domain, int size) throws Exception {
        byte[] xy = ASN1OctetString.getInstance(SubjectPublicKeyInfo.getInstance(der).parsePublicKey()).getOctets();
        BigInteger x = little(Arrays.copyOfRange(xy, 0, size)), y = little(Arrays.copyOfRange(xy, size, 2 * size));
        DSA verifier = signer(size);
        verifier.init(false, new ECPublicKeyParameters(domain.getCurve().createPoint(x, y), domain));
        return verifier;
    }

    // The JDK makes the digest itself, which takes next to no time.
    void rsa() throws Exception {
        KeyFactory keys = KeyFactory.getInstance("RSA");
        RSAPrivateKey key = (RSAPrivateKey) keys.generatePrivate(new PKCS8EncodedKeySpec(file("rsa.private")));
        Signature signer = Signature.getInstance("SHA256withRSA"), verifier = Signature.getInstance("SHA256withRSA");
        signer.initSign(key);
        verifier.initVerify(keys.generatePublic(new X509EncodedKeySpec(file("rsa.public"))));
        byte[] text = file("rsa.text"), value = file("rsa.signature");
        operations.put("rsa-sign", () -> {
            signer.update(text);
            return signer.sign();
        });
        operations.put("rsa-verify", () -> {
            verifier.update(text);
            return need(verifier.verify(value));
        });
    }

    void hash(String name, Digest d) throws Exception {
        byte[] message = file("message");
        operations.put(name, () -> {
            d.update(message, 0, message.length);
            byte[] out = new byte[d.getDigestSize()];
            d.doFinal(out, 0);
            return out;
        });
    }

    static byte[] need(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("the signature does not hold");
        }
        return NOTHING;
    }

    static BigInteger little(byte[] b) {
        return new BigInteger(1, Arrays.reverse(b));
    }

    static byte[] bytes(BigInteger n, int size) {
        return Arrays.reverse(BigIntegers.asUnsignedByteArray(size, n));
    }

    public static void main(String[] args) throws Exception {
        Peers peers = new Peers(Path.of(args[0]));
        peers.national("256", "GostR3410-2001-CryptoPro-A", 32);
        peers.national("512", "Tc26-Gost-3410-12-512-paramSetA", 64);
        peers.rsa();
        peers.hash("streebog-512", new GOST3411_2012_512Digest());
        peers.hash("34.311-95", new GOST3411Digest(GOST28147Engine.getSBox("D-Test")));
        ThreadMXBean processor = ManagementFactory.getThreadMXBean();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            Operation operation = peers.operations.get(words[0]);
            byte[] result = NOTHING;
            long start = processor.getCurrentThreadCpuTime();
            for (long n = Long.parseLong(words[1]); n > 0; n--) {
                result = operation.once();
            }
            System.out.println(processor.getCurrentThreadCpuTime() - start + " " + HexFormat.of().formatHex(result));
        }
    }
}

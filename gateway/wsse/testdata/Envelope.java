// A second implementation of the signed envelope, for tests: XML by the JDK's
// XML security (javax.xml.crypto), hashes and signatures by Bouncy Castle.
//
//   java -cp bcprov.jar Envelope.java verify ENVELOPE CERTIFICATE
//   java -cp bcprov.jar Envelope.java sign ENVELOPE CERTIFICATE PRIVATE-SCALAR
//
// ENVELOPE is a SOAP 1.1 message, unsigned for sign; CERTIFICATE is DER; the
// scalar is hexadecimal, the highest digit first. verify prints the digest and
// signature algorithm and ends with status 0, or 1 where one of them does not
// hold; sign prints the signed message.

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import javax.xml.crypto.Data;
import javax.xml.crypto.NodeSetData;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.TransformService;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cryptopro.ECGOST3410NamedCurves;
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
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

public class Envelope {
    static final String DS = "http://www.w3.org/2000/09/xmldsig#";
    static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
    static final String WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    static final String WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    static final String PKIGOVKZ = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:";
    static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";

    // A suite: its names on the wire, its curve, its functions.
    enum Suite {
        GOST2004(MORE + "gost34310-gost34311", MORE + "gost34311", "GostR3410-2001-CryptoPro-A", 32),
        GOST2015(PKIGOVKZ + "gostr34102015-gostr34112015-512", PKIGOVKZ + "gostr34112015-512", "Tc26-Gost-3410-12-512-paramSetA", 64);

        final String signature, digest, curve;
        final int size;

        Suite(String signature, String digest, String curve, int size) {
            this.signature = signature;
            this.digest = digest;
            this.curve = curve;
            this.size = size;
        }

        byte[] hash(byte[] data) {
            Digest d = this == GOST2004 ? new GOST3411Digest(GOST28147Engine.getSBox("D-Test")) : new GOST3411_2012_512Digest();
            d.update(data, 0, data.length);
            byte[] out = new byte[d.getDigestSize()];
            d.doFinal(out, 0);
            return out;
        }

        DSA signer() {
            return this == GOST2004 ? new ECGOST3410Signer() : new ECGOST3410_2012Signer();
        }

        ECDomainParameters domain() {
            X9ECParameters p = ECGOST3410NamedCurves.getByNameX9(curve);
            return new ECDomainParameters(p.getCurve(), p.getG(), p.getN(), p.getH());
        }

        ECPublicKeyParameters publicKey(byte[] certificate) throws Exception {
            SubjectPublicKeyInfo info = org.bouncycastle.asn1.x509.Certificate.getInstance(certificate).getSubjectPublicKeyInfo();
            byte[] xy = ASN1OctetString.getInstance(info.parsePublicKey()).getOctets();
            BigInteger x = little(Arrays.copyOfRange(xy, 0, size)), y = little(Arrays.copyOfRange(xy, size, 2 * size));
            return new ECPublicKeyParameters(domain().getCurve().createPoint(x, y), domain());
        }

        static Suite of(String uri) {
            for (Suite s : values()) {
                if (s.signature.equals(uri)) {
                    return s;
                }
            }
            throw new IllegalArgumentException("unknown algorithm " + uri);
        }

        static Suite of(byte[] certificate) {
            String oid = org.bouncycastle.asn1.x509.Certificate.getInstance(certificate).getSubjectPublicKeyInfo().getAlgorithm().getAlgorithm().getId();
            return oid.equals("1.2.398.3.10.1.1.1.1") ? GOST2004 : GOST2015;
        }
    }

    public static void main(String[] args) throws Exception {
        Document doc = parse(Files.readAllBytes(Path.of(args[1])));
        byte[] certificate = Files.readAllBytes(Path.of(args[2]));
        if (args[0].equals("verify")) {
            System.exit(verify(doc, certificate) ? 0 : 1);
        }
        sign(doc, certificate, new BigInteger(args[3], 16));
    }

    static boolean verify(Document doc, byte[] certificate) throws Exception {
        Element signature = only(doc, DS, "Signature"), info = only(doc, DS, "SignedInfo"), body = only(doc, SOAP, "Body");
        Suite suite = Suite.of(only(doc, DS, "SignatureMethod").getAttribute("Algorithm"));
        String uri = only(doc, DS, "Reference").getAttribute("URI");
        if (!uri.equals("#" + body.getAttributeNS(WSU, "Id")) || !only(doc, DS, "DigestMethod").getAttribute("Algorithm").equals(suite.digest)) {
            return false;
        }
        boolean digest = Arrays.areEqual(suite.hash(canonical(body)), base64(only(doc, DS, "DigestValue")));
        byte[] value = base64(only(doc, DS, "SignatureValue"));
        DSA verifier = suite.signer();
        verifier.init(false, suite.publicKey(certificate));
        boolean holds = value.length == 2 * suite.size && verifier.verifySignature(suite.hash(canonical(info)),
            little(Arrays.copyOfRange(value, 0, suite.size)), little(Arrays.copyOfRange(value, suite.size, 2 * suite.size)));
        System.out.println(suite.signature + " digest " + digest + " signature " + holds);
        return digest && holds && signature.getParentNode().getNamespaceURI().equals(WSSE);
    }

    static void sign(Document doc, byte[] certificate, BigInteger d) throws Exception {
        Suite suite = Suite.of(certificate);
        Element body = only(doc, SOAP, "Body"), header = doc.createElementNS(SOAP, "soap:Header");
        body.setAttributeNS(WSU, "wsu:Id", "id-of-the-body");
        doc.getDocumentElement().insertBefore(header, body);
        Element security = child(header, WSSE, "wsse:Security"), signature = child(security, DS, "ds:Signature"), info = child(signature, DS, "ds:SignedInfo");
        child(info, DS, "ds:CanonicalizationMethod").setAttribute("Algorithm", CanonicalizationMethod.EXCLUSIVE);
        child(info, DS, "ds:SignatureMethod").setAttribute("Algorithm", suite.signature);
        Element reference = child(info, DS, "ds:Reference");
        reference.setAttribute("URI", "#id-of-the-body");
        child(child(reference, DS, "ds:Transforms"), DS, "ds:Transform").setAttribute("Algorithm", CanonicalizationMethod.EXCLUSIVE);
        child(reference, DS, "ds:DigestMethod").setAttribute("Algorithm", suite.digest);
        // What is signed is what will be written: namespaces become attributes first.
        doc = parse(text(doc));
        only(doc, DS, "Reference").appendChild(doc.createElementNS(DS, "ds:DigestValue"))
            .setTextContent(Base64.getEncoder().encodeToString(suite.hash(canonical(only(doc, SOAP, "Body")))));
        doc = parse(text(doc));
        DSA signer = suite.signer();
        signer.init(true, new ParametersWithRandom(new ECPrivateKeyParameters(d, suite.domain()), new SecureRandom()));
        BigInteger[] rs = signer.generateSignature(suite.hash(canonical(only(doc, DS, "SignedInfo"))));
        byte[] value = Arrays.concatenate(
            Arrays.reverse(BigIntegers.asUnsignedByteArray(suite.size, rs[0])), Arrays.reverse(BigIntegers.asUnsignedByteArray(suite.size, rs[1])));
        signature = only(doc, DS, "Signature");
        // 76 columns with a carriage return, as Java libraries of old write it.
        child(signature, DS, "ds:SignatureValue").setTextContent(Base64.getMimeEncoder().encodeToString(value));
        Element token = child(child(child(signature, DS, "ds:KeyInfo"), WSSE, "wsse:SecurityTokenReference"), WSSE, "wsse:KeyIdentifier");
        token.setAttribute("EncodingType", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary");
        token.setAttribute("ValueType", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3");
        token.setTextContent(Base64.getEncoder().encodeToString(certificate));
        System.out.write(text(doc));
        System.out.flush();
    }

    static Document parse(byte[] text) throws Exception {
        DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
        f.setNamespaceAware(true);
        return f.newDocumentBuilder().parse(new ByteArrayInputStream(text));
    }

    static byte[] text(Document doc) throws Exception {
        Transformer t = TransformerFactory.newInstance().newTransformer();
        t.setOutputProperty(OutputKeys.ENCODING, "UTF-8");
        t.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        StringWriter w = new StringWriter();
        t.transform(new DOMSource(doc), new StreamResult(w));
        return w.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Element only(Document doc, String space, String local) {
        if (doc.getElementsByTagNameNS(space, local).getLength() != 1) {
            throw new IllegalArgumentException("not exactly one " + local);
        }
        return (Element) doc.getElementsByTagNameNS(space, local).item(0);
    }

    static Element child(Element parent, String space, String name) {
        return (Element) parent.appendChild(parent.getOwnerDocument().createElementNS(space, name));
    }

    static byte[] base64(Element e) {
        return Base64.getMimeDecoder().decode(e.getTextContent());
    }

    static BigInteger little(byte[] b) {
        return new BigInteger(1, Arrays.reverse(b));
    }

    // canonical is the exclusive canonical form of a subtree.
    static byte[] canonical(Element top) throws Exception {
        TransformService c14n = TransformService.getInstance(CanonicalizationMethod.EXCLUSIVE, "DOM");
        c14n.init((javax.xml.crypto.dsig.spec.TransformParameterSpec) null);
        List<Node> nodes = new ArrayList<>();
        collect(top, nodes);
        Data out = c14n.transform(new NodeSetData<Node>() {
            @Override
            public Iterator<Node> iterator() {
                return nodes.iterator();
            }
        }, null);
        try (InputStream in = ((OctetStreamData) out).getOctetStream()) {
            return in.readAllBytes();
        }
    }

    static void collect(Node n, List<Node> out) {
        out.add(n);
        NamedNodeMap attributes = n.getAttributes();
        for (int i = 0; attributes != null && i < attributes.getLength(); i++) {
            out.add(attributes.item(i));
        }
        for (Node c = n.getFirstChild(); c != null; c = c.getNextSibling()) {
            collect(c, out);
        }
    }
}

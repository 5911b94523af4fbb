#!/usr/bin/perl
# Canonicalizes with libxml2, for the differential test.
# Reads records "kind comments prefixes element length\n" + document, where
# kind is exc, c10 or c11, prefixes is a comma separated list or "-", and
# element is the number of an element in document order or "-" for the whole
# document. Writes "length\n" + canonical form, length -1 for a refusal.
use strict;
use warnings;
use XML::LibXML;

binmode STDIN;
binmode STDOUT;
my @options = (no_network => 1, load_ext_dtd => 0, expand_entities => 1, huge => 1);
my $parser = XML::LibXML->new(@options);
my $lenient = XML::LibXML->new(@options, recover => 2);

# An xml:id that is no name or stands twice (errors 539 and 513) makes a
# document invalid, not ill-formed; XML::LibXML stops at either.
sub parse {
    my ($text) = @_;
    my $doc = eval { $parser->load_xml(string => $text) };
    return $doc if defined $doc;
    my $error = $@;
    for (my $e = $error; $e; $e = $e->_prev) {
        die $error unless ref $e && ($e->code == 539 || $e->code == 513);
    }
    return $lenient->load_xml(string => $text);
}

while (defined(my $head = <STDIN>)) {
    chomp $head;
    my ($kind, $comments, $prefixes, $element, $length) = split / /, $head;
    my $text = '';
    read(STDIN, $text, $length) == $length or die "short record";
    my $out = eval {
        my $node = parse($text);
        if ($element ne '-') { $node = ($node->findnodes('//*'))[$element]; }
        my @list = $prefixes eq '-' ? () : split(/,/, $prefixes);
        $kind eq 'exc' ? $node->toStringEC14N($comments, undef, \@list)
          : $kind eq 'c10' ? $node->toStringC14N($comments)
          : $node->toStringC14N_v1_1($comments);
    };
    if (!defined $out) { print "-1\n"; next; }
    utf8::encode($out) if utf8::is_utf8($out);
    print length($out), "\n", $out;
}

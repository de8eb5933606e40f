namespace Apprentice.Code.Tests;

public sealed class LexerTests
{
    private static void Check(Language language, string code, params string[] expected) =>
        Assert.Equal(expected, Lexer.Tokenize(language, code).Select(token => token.Kind.ToString()[..2] + ":" + token.Text(code).ToString()));

    [Fact]
    public void Tokenize_Java_KnowsItsForms()
    {
        Check(Language.Java, "int x = 0xFFL >>> 2; // c", "Ke:int", "Id:x", "Op:=", "Nu:0xFFL", "Op:>>>", "Nu:2", "Pu:;", "Co:// c");
        Check(Language.Java, "\"a\\\"b\" + 'c' + '\\''", "St:\"a\\\"b\"", "Op:+", "Ch:'c'", "Op:+", "Ch:'\\''");
        Check(Language.Java, "s = \"\"\"\n a \"q\" \"\"\";", "Id:s", "Op:=", "St:\"\"\"\n a \"q\" \"\"\"", "Pu:;");
        Check(Language.Java, "/* a\n b */ $x.y::z", "Co:/* a\n b */", "Id:$x", "Pu:.", "Id:y", "Op:::", "Id:z");
        Check(Language.Java, "1e-5 + 1.5f - .5 * 1_000", "Nu:1e-5", "Op:+", "Nu:1.5f", "Op:-", "Nu:.5", "Op:*", "Nu:1_000");
        Check(Language.Java, "x = \"open\ny", "Id:x", "Op:=", "St:\"open", "Id:y");
    }

    [Fact]
    public void Tokenize_Python_KnowsItsForms()
    {
        Check(Language.Python, "x = f'a{b}' # c", "Id:x", "Op:=", "St:f'a{b}'", "Co:# c");
        Check(Language.Python, "rb\"\\\"\" '''a\n'b''' ", "St:rb\"\\\"\"", "St:'''a\n'b'''");
        Check(Language.Python, "if not a // b != 2 ** 3:", "Ke:if", "Ke:not", "Id:a", "Op://", "Id:b", "Op:!=", "Nu:2", "Op:**", "Nu:3", "Pu::");
        Check(Language.Python, "(y := x[1:2])", "Pu:(", "Id:y", "Op::=", "Id:x", "Pu:[", "Nu:1", "Pu::", "Nu:2", "Pu:]", "Pu:)");
    }

    [Fact]
    public void Tokenize_CAndCpp_KnowTheirForms()
    {
        Check(Language.C, "#define A(x) \\\n x /* c */\nint y;", "Pr:#define A(x) \\\n x", "Co:/* c */", "Ke:int", "Id:y", "Pu:;");
        Check(Language.C, "p->x = L\"w\"; 'a'", "Id:p", "Op:->", "Id:x", "Op:=", "St:L\"w\"", "Pu:;", "Ch:'a'");
        Check(Language.C, "#include <a//b>\nx", "Pr:#include <a", "Co://b>", "Id:x");
        Check(Language.Cpp, "R\"x(a)\" b)x\" 1'000'000 std::y", "St:R\"x(a)\" b)x\"", "Nu:1'000'000", "Id:std", "Op:::", "Id:y");
        Check(Language.Cpp, "a <=> b", "Id:a", "Op:<=>", "Id:b");
    }

    [Fact]
    public void Tokenize_CSharp_KnowsItsForms()
    {
        Check(Language.CSharp, "@\"a\"\"b\\\" + $\"{d[\"k\"]}\" ", "St:@\"a\"\"b\\\"", "Op:+", "St:$\"{d[\"k\"]}\"");
        Check(Language.CSharp, "\"\"\"a \"b\" \"\"\" $$\"\"\"{{x}}\"\"\"", "St:\"\"\"a \"b\" \"\"\"", "St:$$\"\"\"{{x}}\"\"\"");
        Check(Language.CSharp, "@class 1..2 1.ToString() x?.y ?? z", "Id:@class", "Nu:1", "Op:..", "Nu:2", "Nu:1", "Pu:.", "Id:ToString", "Pu:(", "Pu:)", "Id:x", "Op:?.", "Id:y", "Op:??", "Id:z");
        Check(Language.CSharp, "#if A\nx\n#endif", "Pr:#if A", "Id:x", "Pr:#endif");
        Check(Language.CSharp, "$@\"{x}\n\" y", "St:$@\"{x}\n\"", "Id:y");
    }

    [Fact]
    public void Tokenize_JavaScript_KnowsItsForms()
    {
        Check(Language.JavaScript, "a = /[/]x/gi.test(b / c)", "Id:a", "Op:=", "St:/[/]x/gi", "Pu:.", "Id:test", "Pu:(", "Id:b", "Op:/", "Id:c", "Pu:)");
        Check(Language.JavaScript, "`a${b ? `x` : '`'}c` + d", "St:`a${b ? `x` : '`'}c`", "Op:+", "Id:d");
        Check(Language.JavaScript, "this.#p ??= x?.y !== 1", "Ke:this", "Pu:.", "Id:#p", "Op:??=", "Id:x", "Op:?.", "Id:y", "Op:!==", "Nu:1");
        Check(Language.JavaScript, "return /a/", "Ke:return", "St:/a/");
    }

    [Fact]
    public void Tokenize_Go_KnowsItsForms()
    {
        Check(Language.Go, "x := `a\\` + \"b\"", "Id:x", "Op::=", "St:`a\\`", "Op:+", "St:\"b\"");
        Check(Language.Go, "ch <- 'x' &^ y", "Id:ch", "Op:<-", "Ch:'x'", "Op:&^", "Id:y");
    }

    [Fact]
    public void Tokenize_EmptyAndWhiteText_GivesNothing()
    {
        foreach (Language language in Languages.All)
        {
            Check(language, "");
            Check(language, " \r\n\t\n");
        }
    }
}

namespace Apprentice.Code.Tests;

public sealed class FunctionFinderTests
{
    private static void Check(Language language, string code, params string[] expected) =>
        Assert.Equal(expected, FunctionFinder.Find(language, code).Select(found => $"{found.Name}/{found.ParameterCount} {found.StartLine}-{found.EndLine}"));

    [Fact]
    public void Find_BareFunction_IsTheWholeText()
    {
        foreach ((Language language, string code) in Samples.Functions)
        {
            CodeFunction found = Assert.Single(FunctionFinder.Find(language, code));
            Assert.Equal(language == Language.Cpp ? 2 : 3, found.ParameterCount);
            Assert.Equal(language == Language.C ? 2 : 1, found.StartLine);
            Assert.Equal(code.TrimEnd().Split('\n').Length, found.EndLine);
            Assert.EndsWith(code.TrimEnd()[^5..], found.Text(code));
        }
    }

    [Fact]
    public void Find_Java_SeesMethodsConstructorsAndInnerClasses()
    {
        Check(Language.Java, "class A {\n int x = f();\n A(int a) {\n }\n @B(c = {1, 2})\n <T> void m(Map<T, T> p, int q) throws X {\n if (x) { new Y() { void in() {} }; }\n }\n}", "A/1 3-4", "m/2 5-8");
        Check(Language.Java, "interface I { void a(); default void b() { } class C { static { f(); } void d() { } } }", "b/0 1-1", "d/0 1-1");
        Check(Language.Java, "enum E { A(1) { int f() { return 1; } }, B(2); E(int x) { } }", "f/0 1-1", "E/1 1-1");
        Check(Language.Java, "record P(int x, int y) { P { } int s() { return x; } }", "s/0 1-1");
        Check(Language.Java, "class A { Runnable r = () -> { go(); }; Object o = new B() { void c() { } }; }");
    }

    [Fact]
    public void Find_CAndCpp_SeeFunctionsAmongTypesAndMacros()
    {
        Check(Language.C, "struct s { int a; };\nint x[] = { 1, 2 };\nstatic struct s *f(void)\n{\n}\nint g(int a, char *b) { if (a) { } return 0; }\nint h(void);", "f/0 3-5", "g/2 6-6");
        Check(Language.C, "#ifdef A\nint f(int a) {\n#else\nint f(void) {\n#endif\n return 1;\n}\nint g() { }", "f/1 2-7", "g/0 8-8");
        Check(Language.Cpp, "namespace n { class A : public B { public: A() : x(1), y{2} { } ~A() { } int m() const override { return 1; } bool operator==(const A& o) const { return true; } private: int x; }; }", "A/0 1-1", "~A/0 1-1", "m/0 1-1", "operator ==/1 1-1");
        Check(Language.Cpp, "template <class T, int N> T A<T>::get(int i) noexcept -> T { return x[i]; }\nenum class E { a, b };\nauto v = std::vector<int>{1, 2};", "get/1 1-1");
    }

    [Fact]
    public void Find_CSharp_SeesMembersOfFilesAndFragments()
    {
        Check(Language.CSharp, "class A { A(int a) { } int P { get { return 1; } set { } } int Q { get; set; } int M() => 1; static A operator +(A a, A b) => a; abstract void N(); void G() { void L() { } } }", "A/1 1-1", "P/-1 1-1", "M/0 1-1", "operator +/2 1-1", "G/0 1-1");
        Check(Language.CSharp, "[X]\npublic Foo(int a, int b)\n{\n}", "Foo/2 1-4");
        Check(Language.CSharp, "int x = 1;\nint F(int a) { return a; }", "F/1 2-2");
    }

    [Fact]
    public void Find_Python_ReadsIndentation()
    {
        Check(Language.Python, "class A:\n    @p\n    def f(self, *a, k=(1, 2), **o):\n        def g():\n            pass\n        return g\n\n    async def h(self): return 1\n\ndef t():\n  x = '''\na\n'''\n  # end\n", "f/4 2-6", "h/1 8-8", "t/0 10-13");
        Check(Language.Python, "def f(a,\n b):\n  x = [\n1]\n  return x\ny = 1", "f/2 1-5");
        Check(Language.Python, "if a:\n    def f():\n        pass\nx = (1\ndef g():\n    pass", "f/0 2-3", "g/0 5-6");
    }

    [Fact]
    public void Find_JavaScript_SeesItsManyForms()
    {
        Check(Language.JavaScript, "export async function a(x, y) { }\nconst b = (x) => { };\nlet c = async function () { };\nmodule.exports.d = function (q) { };", "a/2 1-1", "b/1 2-2", "c/0 3-3", "d/1 4-4");
        Check(Language.JavaScript, "class A { constructor(x) { if (x) { } } static async *m() { } get [k]() { } #p(a) { } f = x => { } }", "constructor/1 1-1", "m/0 1-1", "[k]/0 1-1", "#p/1 1-1", "f/-1 1-1");
        Check(Language.JavaScript, "(function () {\n function inner() { }\n describe('x', () => { it('y', function () { const z = () => { }; }); });\n})();", "inner/0 2-2", "z/0 3-3");
        Check(Language.JavaScript, "x = { a() { }, b: function (c, d) { }, 'e f': (g) => { }, h: 1 };", "a/0 1-1", "b/2 1-1", "e f/1 1-1");
        Check(Language.JavaScript, "function f(a: number, b?: string): Promise<void> { }\nclass T { private m(x: A): B { return 1; } }", "f/2 1-1", "m/1 2-2");
    }

    [Fact]
    public void Find_Go_SeesFunctionsMethodsAndHeldLiterals()
    {
        Check(Language.Go, "package a\nfunc F(a, b int) (int, error) {\n\tgo func() { }()\n\treturn 1, nil\n}\nfunc (r *T[K]) M(x map[string]struct{}) interface{} { return nil }\nvar g = func(s string) { }\ntype I interface { N() }\nfunc H[T any](t T) { }", "F/2 2-5", "M/1 6-6", "g/1 7-7", "H/1 9-9");
    }
}

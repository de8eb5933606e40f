namespace Apprentice.Generation.Tests;

public sealed class CSharpCompilerTests
{
    private static void Check(string code, CompilationProblem expected, string message = "")
    {
        CompiledCode compiled = CSharpCompiler.Default.Compile(code);
        Assert.True(expected == compiled.Problem, $"{compiled.Problem}: {compiled.Message}\n{code}");
        Assert.Contains(message, compiled.Message ?? "");
    }

    [Fact]
    public void Compile_BrokenCode_NamesTheLine()
    {
        Check("public static int F()\n{\n    return 1\n}", CompilationProblem.Syntax, "line 3: CS1002");
        Check("public static int F()\n{\n    return \"a\";\n}", CompilationProblem.Code, "line 3: CS0029");
        Check("public static int F() => 1; }\npublic static class Other {", CompilationProblem.Syntax, "stay inside");
        Check("#if X\n#endif\npublic static int F() => 1;", CompilationProblem.Syntax, "directives");
        Check("int x;", CompilationProblem.Syntax, "no method");
        Check(new string('(', 30000), CompilationProblem.Syntax);
    }

    [Theory]
    [InlineData("System.Net.Http", "public static object F() => new System.Net.Http.HttpClient();")]
    [InlineData("System.IO.File", "public static string F() => File.ReadAllText(\"a\");")]
    [InlineData("System.IO.FileStream", "public static object F() => new FileStream(\"a\", FileMode.Open);")]
    [InlineData("over a file", "public static object F() => new StreamReader(\"a\");")]
    [InlineData("System.IO.Directory", "public static object F() => Directory.GetFiles(\".\");")]
    [InlineData("System.Diagnostics.Process", "public static void F() => System.Diagnostics.Process.Start(\"sh\");")]
    [InlineData("System.Environment.Exit", "public static void F() => Environment.Exit(1);")]
    [InlineData("System.Environment.GetEnvironmentVariable", "public static string F() => Environment.GetEnvironmentVariable(\"A\");")]
    [InlineData("System.Type.Assembly", "public static object F() => typeof(int).Assembly;")]
    [InlineData("System.Type.GetType", "public static object F() => Type.GetType(\"System.IO.File\");")]
    [InlineData("System.Type.GetMethod", "public static object F(object o) => o.GetType().GetMethod(\"X\");")]
    [InlineData("System.Activator", "public static object F() => Activator.CreateInstance(typeof(int));")]
    [InlineData("dynamic", "public static object F(dynamic d) => d.Exit(1);")]
    [InlineData("dynamic", "public static object F(object o) { dynamic d = o; return d.X; }")]
    [InlineData("System.Delegate.Method", "public static object F() { Func<int> f = () => 1; return f.Method; }")]
    [InlineData("System.Threading.Thread", "public static void F() => new Thread(() => { }).Start();")]
    [InlineData("System.Threading.Thread", "public static void F() => Thread.Sleep(1);")]
    [InlineData("System.Threading.Tasks.Task.Run", "public static void F() => System.Threading.Tasks.Task.Run(() => { });")]
    [InlineData("System.Threading.Tasks.Parallel", "public static void F() => System.Threading.Tasks.Parallel.For(0, 1, i => { });")]
    [InlineData("System.Threading.Timer", "public static object F() => new Timer(_ => { });")]
    [InlineData("native", "[System.Runtime.InteropServices.DllImport(\"libc\")] static extern int getpid(); public static int F() => getpid();")]
    [InlineData("unsafe", "public static unsafe int F() { int x = 1; int* p = &x; return *p; }")]
    [InlineData("System.Runtime.CompilerServices.Unsafe", "public static int F(object o) => System.Runtime.CompilerServices.Unsafe.As<string>(o).Length;")]
    [InlineData("System.Reflection.Emit", "public static object F() => new System.Reflection.Emit.DynamicMethod(\"a\", null, null);")]
    [InlineData("System.Linq.Expressions", "public static object F() { System.Linq.Expressions.Expression<Func<int>> e = () => 1; return e.Compile(); }")]
    [InlineData("ModuleInitializer", "[System.Runtime.CompilerServices.ModuleInitializer] internal static void F() { }")]
    [InlineData("finalizer", "class A { ~A() { } } public static void F() => new A();")]
    [InlineData("System.DateTime.Now", "public static object F() => DateTime.Now;")]
    [InlineData("System.Random without a seed", "public static int F() => new Random().Next();")]
    [InlineData("System.Random without a seed", "public static int F() { Random r = new(); return r.Next(); }")]
    [InlineData("System.Console.OpenStandardOutput", "public static object F() => Console.OpenStandardOutput();")]
    [InlineData("System.AppDomain", "public static object F() => AppDomain.CurrentDomain;")]
    [InlineData("System.GC", "public static void F() => GC.Collect();")]
    public void Compile_CallOutsideTheAllowList_IsForbidden(string what, string code) => Check(code, CompilationProblem.ForbiddenApi, what);

    [Fact]
    public void Compile_OrdinaryCode_IsAllowed()
    {
        foreach (string code in (string[])[
            "public static string F(string s) => string.Join(\",\", s.Split(' ').OrderBy(x => x.Length).ThenBy(x => x).Select(x => x.ToUpperInvariant()));",
            "public static Dictionary<string, List<int>> F(IEnumerable<(string Key, int Value)> items) => items.GroupBy(i => i.Key).ToDictionary(g => g.Key, g => g.Select(i => i.Value).ToList());",
            "public static int F(string s) { using StringReader r = new(s); int n = 0; while (r.ReadLine() is { } line) n += line.Length; return n; }",
            "public static string F(byte[] b) { using MemoryStream m = new(b); using StreamReader r = new(m, Encoding.UTF8); return r.ReadToEnd(); }",
            "public static bool F(string s) => Regex.IsMatch(s, \"^[a-z]+$\", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));",
            "public static DateTime F(string s) => DateTime.ParseExact(s, \"yyyy-MM-dd\", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);",
            "private static readonly object s_gate = new(); private static int s_n; public static int F() { lock (s_gate) { return Interlocked.Increment(ref s_n); } }",
            "public static int F(ReadOnlySpan<char> s) { Span<int> counts = stackalloc int[26]; foreach (char c in s) counts[c - 'a']++; return counts[0]; }",
            "public record Point(int X, int Y); public static Point F(int x) => new Point(x, 1) with { Y = 2 };",
            "public static string F(object o) => o.GetType().Name + Environment.NewLine;",
            "public static int F(int n) { switch (n) { case < 0: throw new ArgumentOutOfRangeException(nameof(n), n, \"negative\"); case 0: return 1; default: return n * F(n - 1); } }",
            "public static int F(int seed) => new Random(seed).Next(10);",
            "public static IEnumerable<int> F(int n) { for (int i = 0; i < n; i++) yield return i; }",
            "public static (int[] A, Index I) F(int[] a) => (a[1..^1], ^1);",
            "public static T F<T>(List<T> list, Func<T, bool> p) where T : IComparable<T> { int Local(T x) => x.CompareTo(list[0]); return list.First(x => p(x) && Local(x) >= 0); }",
            "private sealed class Node { public int Value; public Node Next; } public static int F() { var n = new Node { Value = 1 }; return n.Next?.Value ?? n.Value; }",
            "public static void F(CancellationToken token) => token.ThrowIfCancellationRequested();",
            "public static string F(double d) => d.ToString(\"F2\", CultureInfo.GetCultureInfo(\"de-DE\")) + $\"{d:0.0}{1,5}\";",
            "public static nint F(nint x) => x + 1;",
            "public static System.Numerics.BigInteger F(int n) => Enumerable.Range(1, n).Aggregate(System.Numerics.BigInteger.One, (a, b) => a * b);",
        ])
        {
            Check(code, CompilationProblem.None);
        }
    }
}

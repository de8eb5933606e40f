using System.Text;

namespace Apprentice.Benchmarks;

/// <summary>Prints a page line by line and writes it to a file at the end.</summary>
internal sealed class BenchmarkPage(string? file)
{
    private readonly StringBuilder _text = new();

    public void Line(string line = "")
    {
        Console.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    public void Save()
    {
        if (file is not null)
        {
            File.WriteAllText(file, _text.ToString());
        }
    }
}

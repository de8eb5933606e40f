using System.Globalization;
using System.Net;
using System.Text;

namespace Apprentice.Evaluation;

/// <summary>Text and numbers as HTML and SVG want them, whatever the culture and whatever the code holds.</summary>
internal static class HtmlText
{
    /// <summary>Escaped text; control characters and broken surrogates, which HTML forbids, become U+FFFD.</summary>
    public static string Encode(string text)
    {
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool allowed = rune.Value is '\t' or '\n' || !(Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF);
            clean.Append((allowed ? rune : Rune.ReplacementChar).ToString());
        }

        return WebUtility.HtmlEncode(clean.ToString());
    }

    /// <summary>A coordinate with at most two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Round numbers that cover a range: 1, 2 or 5 times a power of ten apart.</summary>
    public static double[] Ticks(double low, double high, int wanted)
    {
        double rough = (high - low) / Math.Max(1, wanted);
        if (!(rough > 0) || !double.IsFinite(rough))
        {
            return [low];
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(candidate => candidate >= rough * 0.999);
        List<double> ticks = [];
        for (double i = Math.Ceiling(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
        {
            ticks.Add(i * step + 0.0); // Turns -0 into 0.
        }

        return [.. ticks];
    }
}

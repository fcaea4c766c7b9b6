/// Names as they are written at home, each with the Latin letters that its e-mail address uses: `Ελένη:eleni`.
///
/// The people are made up. Names in several scripts are here because a trail that only ever saw ASCII proves little.
struct EuropeanNames: Sendable {
    struct Name: Sendable {
        let native: String
        let latin: String
    }

    let given: [Name]
    let family: [Name]

    private init(_ given: String, _ family: String) {
        self.given = Self.names(given)
        self.family = Self.names(family)
    }

    private static func names(_ list: String) -> [Name] {
        list.split(separator: " ").compactMap { item in
            let halves = item.split(separator: ":")
            return halves.count == 2 ? Name(native: String(halves[0]), latin: String(halves[1])) : nil
        }
    }

    static let cultures: [EuropeanNames] = [
        // French
        EuropeanNames(
            "Élodie:elodie Jérôme:jerome Maëlys:maelys François:francois Zoé:zoe Benoît:benoit "
                + "Hélène:helene Loïc:loic Anaïs:anais Cédric:cedric",
            "Lefèvre:lefevre Béranger:beranger Châtelain:chatelain Dupré:dupre Besançon:besancon "
                + "Noël:noel Périgault:perigault Rochefoucauld:rochefoucauld"),
        // German
        EuropeanNames(
            "Jürgen:juergen Käthe:kaethe Sören:soeren Bärbel:baerbel Götz:goetz "
                + "Liselotte:liselotte Matthias:matthias Ute:ute Günther:guenther",
            "Müller:mueller Schäfer:schaefer Weiß:weiss Königsberger:koenigsberger "
                + "Brüggemann:brueggemann Straßburg:strassburg Großmann:grossmann"),
        // Polish
        EuropeanNames(
            "Łukasz:lukasz Małgorzata:malgorzata Grażyna:grazyna Wojciech:wojciech Zofia:zofia "
                + "Świętosław:swietoslaw Bożena:bozena Paweł:pawel",
            "Wiśniewska:wisniewska Dąbrowski:dabrowski Wójcik:wojcik Śliwiński:sliwinski "
                + "Zając:zajac Kołodziej:kolodziej Gałązka:galazka"),
        // Czech and Slovak
        EuropeanNames(
            "Jiří:jiri Kateřina:katerina Ondřej:ondrej Růžena:ruzena Zdeněk:zdenek "
                + "Ľubica:lubica Šimon:simon Božena:bozena",
            "Dvořák:dvorak Černý:cerny Růžička:ruzicka Svoboda:svoboda Hruška:hruska Konečný:konecny Žilinský:zilinsky"),
        // Portuguese and Spanish
        EuropeanNames(
            "João:joao Inês:ines Gonçalo:goncalo Conceição:conceicao Begoña:begona "
                + "Íñigo:inigo Ana:ana Álvaro:alvaro Ramón:ramon",
            "Lima:lima Magalhães:magalhaes Araújo:araujo Núñez:nunez Ibáñez:ibanez "
                + "Simões:simoes Peñalver:penalver Falcão:falcao"),
        // The north
        EuropeanNames(
            "Åsa:asa Björn:bjorn Þórdís:thordis Søren:soren Guðrún:gudrun Väinö:vaino Ægir:aegir Øystein:oystein",
            "Åkerström:akerstrom Sigurðardóttir:sigurdardottir Sørensen:sorensen Hämäläinen:hamalainen "
                + "Østergård:ostergard Ljungström:ljungstrom Äijälä:aijala"),
        // Hungarian and Romanian
        EuropeanNames(
            "Ágnes:agnes Győző:gyozo Zsófia:zsofia Ștefan:stefan Ileana:ileana Răzvan:razvan Örs:ors Mădălina:madalina",
            "Szőke:szoke Kővári:kovari Ürmös:urmos Țepeș:tepes "
                + "Brâncoveanu:brancoveanu Bălan:balan Nyíregyházi:nyiregyhazi"),
        // The Baltics and Ireland
        EuropeanNames(
            "Jānis:janis Dzintra:dzintra Rūta:ruta Õnne:onne Siobhán:siobhan "
                + "Pádraig:padraig Gráinne:grainne Žydrūnas:zydrunas",
            "Bērziņš:berzins Kalniņa:kalnina Šimkus:simkus Põldmäe:poldmae "
                + "Ó-Ceallaigh:o-ceallaigh Ní-Bhriain:ni-bhriain Mac-Aodha:mac-aodha"),
        // Greek
        EuropeanNames(
            "Ελένη:eleni Γιώργος:giorgos Κατερίνα:katerina Δημήτρης:dimitris Χρυσάνθη:chrysanthi "
                + "Ίων:ion Σταύρος:stavros Ευγενία:evgenia Αλέξανδρος:alexandros",
            "Παπαδόπουλος:papadopoulos Οικονόμου:oikonomou Καραγιάννη:karagianni Θεοδωράκης:theodorakis "
                + "Ξενάκη:xenaki Βασιλείου:vasileiou Ζαχαρίου:zachariou"),
        // Ukrainian and Bulgarian
        EuropeanNames(
            "Олена:olena Тарас:taras Ґанна:ganna Їванна:yivanna Борислав:borislav "
                + "Цветана:tsvetana Юрій:yurii Йорданка:yordanka",
            "Шевченко:shevchenko Коваленко:kovalenko Щербак:shcherbak Георгиева:georgieva Димитров:dimitrov "
                + "Стоянова:stoyanova Лисенко:lysenko Захарієва:zaharieva"),
        // Serbian
        EuropeanNames(
            "Љиљана:ljiljana Ђорђе:djordje Његош:njegos Јелена:jelena Вељко:veljko "
                + "Живка:zivka Небојша:nebojsa Душица:dusica",
            "Јовановић:jovanovic Ђукић:djukic Петровић:petrovic Стефановић:stefanovic "
                + "Чолаковић:colakovic Вучетић:vucetic Њежић:njezic"),
        // Georgian
        EuropeanNames(
            "ნინო:nino გიორგი:giorgi თამარ:tamar ლევან:levan ქეთევან:ketevan ვახტანგ:vakhtang სალომე:salome ზურაბ:zurab",
            "ბერიძე:beridze კაპანაძე:kapanadze მამულაშვილი:mamulashvili წიკლაური:tsiklauri "
                + "ჯაფარიძე:japaridze გელაშვილი:gelashvili ხუციშვილი:khutsishvili"),
        // Armenian
        EuropeanNames(
            "Անահիտ:anahit Գևորգ:gevorg Լուսինե:lusine Տիգրան:tigran Շուշան:shushan "
                + "Հայկ:hayk Նարինե:narine Վահագն:vahagn",
            "Հակոբյան:hakobyan Սարգսյան:sargsyan Պետրոսյան:petrosyan Ղազարյան:ghazaryan "
                + "Մկրտչյան:mkrtchyan Գրիգորյան:grigoryan Ավետիսյան:avetisyan"),
    ]
}
